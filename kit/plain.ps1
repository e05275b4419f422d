# What the PowerShell scripts beside this one share: they dot-source it. Windows PowerShell 5.1 or newer.
# Everything it knows of the application stands in facts.json; the kept bytes lie in the store as plain files.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Kit = $PSScriptRoot
$Facts = Get-Content -LiteralPath (Join-Path $Kit 'facts.json') -Raw -Encoding UTF8 | ConvertFrom-Json
$Work = Join-Path (Join-Path $Facts.state 'emergency') $Facts.pair.id

function Write-Line([string] $Text) {
    Write-Host $Text
    $line = '{0} {1}' -f (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ'), $Text
    if (Test-Path -LiteralPath $Work) { Add-Content -LiteralPath (Join-Path $Work 'log') -Value $line -Encoding UTF8 }
    if ($script:Log) { Add-Content -LiteralPath $script:Log -Value $line -Encoding UTF8 }
}

# Ends the script: 2 misused, 3 refused with nothing touched, 5 half done (run it again), 7 a check failed.
function Stop-Script([int] $Code, [string] $Text) {
    Write-Line $Text
    exit $Code
}

# The executable and the script of the Backstep that made this kit, or the one that is installed; $null where neither is there.
function Get-Backstep {
    $node = $Facts.backstep[0]
    $main = $Facts.backstep[1]
    if ((Test-Path -LiteralPath $node) -and (Test-Path -LiteralPath $main)) {
        & $node --version | Out-Null
        if ($LASTEXITCODE -eq 0) { return @($node, $main) }
    }
    $installed = Get-Command -Name 'backstep' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($null -ne $installed) { return @($installed.Source) }
    return $null
}

function Invoke-Backstep([string[]] $Found, [string[]] $Words) {
    $all = @($Found | Select-Object -Skip 1) + $Words + @('--manifest', $Facts.manifestFile)
    & $Found[0] @all | ForEach-Object { Write-Line ([string] $_) }
    exit $LASTEXITCODE
}

# A file that a program holds open cannot be renamed on Windows: tried for a while, then refused by its name.
function Move-Patiently([string] $From, [string] $To) {
    for ($try = 1; ; $try++) {
        try {
            Move-Item -LiteralPath $From -Destination $To
            return
        } catch [System.IO.IOException] {
            if ($try -ge 20) {
                Stop-Script 5 "$From cannot be moved: a program holds it open. Close it (Resource Monitor, Associated Handles), then run this again. $($_.Exception.Message)"
            }
            Start-Sleep -Milliseconds 500
        }
    }
}

function Get-ObjectPath([string] $Hash) {
    return Join-Path (Join-Path (Join-Path $Facts.store 'objects') $Hash.Substring(0, 2)) $Hash.Substring(2)
}

# Every kept object is what its name says, before anything is touched.
function Test-Objects {
    foreach ($unit in $Facts.units) {
        foreach ($hash in @(Get-Hashes $unit.source)) {
            $path = Get-ObjectPath $hash
            if (-not (Test-Path -LiteralPath $path)) { Stop-Script 3 "$path is missing; nothing was touched" }
            $found = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLowerInvariant()
            if ($found -ne $hash) { Stop-Script 3 "$path is damaged; nothing was touched" }
        }
    }
}

function Get-Hashes($Source) {
    if ($Source.kind -eq 'file') { return $Source.hashes }
    if ($Source.kind -eq 'database') { return @($Source.before) + @($Source.after) }
    return @()
}

# Joins the objects of one file, then gives it its name: a file that has its name is whole.
function Join-Objects([string[]] $Hashes, [string] $Path) {
    $part = "$Path.part"
    $out = [System.IO.File]::Create($part)
    try {
        foreach ($hash in $Hashes) {
            $in = [System.IO.File]::OpenRead((Get-ObjectPath $hash))
            try { $in.CopyTo($out) } finally { $in.Dispose() }
        }
        $out.Flush($true)
    } finally {
        $out.Dispose()
    }
    Move-Item -LiteralPath $part -Destination $Path
}

# The sqlite3 on the PATH where it is of this version or a newer one; $null where there is none.
function Get-Sqlite([string] $Least) {
    $found = Get-Command -Name 'sqlite3' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($null -eq $found) { return $null }
    $told = [string] (& $found.Source -version | Select-Object -First 1)
    if ($told -notmatch '^(\d+\.\d+\.\d+)') { return $null }
    if ([version] $Matches[1] -lt [version] $Least) { return $null }
    return $found.Source
}

# A folder for one attempt; those of earlier ones stay.
function New-MadeFolder([string] $Root) {
    for ($try = 1; ; $try++) {
        $made = Join-Path $Root "made\$try"
        if (Test-Path -LiteralPath $made) { continue }
        New-Item -ItemType Directory -Path $made -Force | Out-Null
        return $made
    }
}

# result.db, a copy of before.db, becomes what the script makes of it with after.db and now.db; $true where it did.
function Merge-Rows($Unit, [string] $Made, [string] $Sqlite) {
    Copy-Item -LiteralPath (Join-Path $Made 'before.db') -Destination (Join-Path $Made 'result.db')
    Join-Objects @($Unit.source.after) (Join-Path $Made 'after.db')
    Copy-Item -LiteralPath $Unit.live -Destination (Join-Path $Made 'now.db')
    foreach ($end in @('-wal', '-journal')) {
        if (Test-Path -LiteralPath ($Unit.live + $end)) {
            Copy-Item -LiteralPath ($Unit.live + $end) -Destination (Join-Path $Made "now.db$end")
        }
    }
    # By files, byte for byte: a pipe of PowerShell 5.1 would write the script in another encoding.
    $start = @{
        FilePath = $Sqlite
        ArgumentList = @('-batch', '-bail', '-init', 'NUL', 'result.db')
        WorkingDirectory = $Made
        RedirectStandardInput = Join-Path $Kit $Unit.source.compiled.script
        RedirectStandardOutput = Join-Path $Made 'said'
        RedirectStandardError = Join-Path $Made 'errors'
        NoNewWindow = $true
        Wait = $true
        PassThru = $true
    }
    $run = Start-Process @start
    return ($run.ExitCode -eq 0)
}

# The state before the upgrade with the rows that were written since; that state alone where sqlite3 cannot carry them.
function New-Database($Unit, [string] $Path) {
    $asset = $Unit.asset
    $made = New-MadeFolder $Unit.root
    $before = Join-Path $made 'before.db'
    $placed = Join-Path $Work "$asset.placed.db"
    Join-Objects @($Unit.source.before) $before
    if (Test-Path -LiteralPath $placed) { Move-Item -LiteralPath $placed -Destination (Join-Path $made 'earlier.placed.db') }
    $sqlite = $null
    if ($null -ne $Unit.source.compiled) { $sqlite = Get-Sqlite $Unit.source.compiled.asks }
    if ($null -eq $Unit.source.compiled) {
        Write-Line "${asset}: no script can carry what was written since; it comes back as before the upgrade"
    } elseif (-not (Test-Path -LiteralPath $Unit.live)) {
        Write-Line "${asset}: $($Unit.live) is not there; it comes back as before the upgrade"
    } elseif ($null -eq $sqlite) {
        Write-Line "${asset}: sqlite3 $($Unit.source.compiled.asks) or newer is not here; it comes back as before the upgrade, and the rest is kept with the release that was left"
    } elseif (Merge-Rows $Unit $made $sqlite) {
        foreach ($line in @(Get-Content -LiteralPath (Join-Path $made 'said') -Encoding UTF8)) { Write-Line "${asset}: $line" }
        $parked = Join-Path $made 'parked.db'
        if (Test-Path -LiteralPath $parked) { Move-Item -LiteralPath $parked -Destination (Join-Path $Work "$asset.parked.db") -Force }
        Copy-Item -LiteralPath (Join-Path $made 'result.db') -Destination $placed
        Move-Item -LiteralPath (Join-Path $made 'result.db') -Destination $Path
        # By this Backstep knows that nothing of it is left to be carried.
        New-Item -ItemType File -Path (Join-Path $Work "$asset.carried") -Force | Out-Null
        return
    } else {
        $said = [string] (Get-Content -LiteralPath (Join-Path $made 'errors') -TotalCount 1 -Encoding UTF8)
        Write-Line "${asset}: the script failed: $said; it comes back as before the upgrade, and the rest is kept with the release that was left"
    }
    Move-Item -LiteralPath $before -Destination $Path
}

function New-Staged($Unit, [string] $Path) {
    if (Test-Path -LiteralPath $Path) { return }
    switch ($Unit.source.kind) {
        'copy' {
            Copy-Item -LiteralPath $Unit.source.from -Destination "$Path.part" -Recurse -Force
            Move-Item -LiteralPath "$Path.part" -Destination $Path
        }
        'link' {
            $target = $Unit.source.target
            if (-not [System.IO.Path]::IsPathRooted($target)) { $target = Join-Path (Split-Path -Parent $Unit.live) $target }
            New-Item -ItemType Junction -Path $Path -Target $target | Out-Null
        }
        'gone' { }
        'database' { New-Database $Unit $Path }
        default { Join-Objects @(Get-Hashes $Unit.source) $Path }
    }
}

# What lies there is moved aside once; a rerun never overwrites what was moved aside.
function Move-Aside($Unit, [string] $Aside) {
    if ((Test-Path -LiteralPath $Aside) -or (Test-Path -LiteralPath "$Aside.none")) { return }
    if ($Unit.source.kind -eq 'database') {
        foreach ($end in @('-wal', '-shm', '-journal')) {
            if (Test-Path -LiteralPath ($Unit.live + $end)) { Move-Patiently ($Unit.live + $end) ($Aside + $end) }
        }
    }
    if (Test-Path -LiteralPath $Unit.live) { Move-Patiently $Unit.live $Aside }
    else { New-Item -ItemType File -Path "$Aside.none" | Out-Null }
}

function Stop-Application {
    if ($Facts.service.manager -ne 'windows') { return }
    $name = $Facts.service.name
    if ($null -eq (Get-Service -Name $name -ErrorAction SilentlyContinue)) { Stop-Script 3 "Windows has no service $name; nothing was touched" }
    $remembered = Join-Path $Work 'start-mode'
    if (-not (Test-Path -LiteralPath $remembered)) {
        $mode = (Get-CimInstance -ClassName Win32_Service -Filter "Name='$name'").StartMode
        Set-Content -LiteralPath $remembered -Value $mode -Encoding ASCII
    }
    Set-Service -Name $name -StartupType Disabled
    Stop-Service -Name $name -Force
    (Get-Service -Name $name).WaitForStatus('Stopped', [TimeSpan]::FromMilliseconds($Facts.service.stopTimeoutMs))
}

function Start-Application {
    if ($Facts.service.manager -ne 'windows') {
        Write-Line 'Start the application by hand.'
        return
    }
    $mode = (Get-Content -LiteralPath (Join-Path $Work 'start-mode') -TotalCount 1).Trim()
    $types = @{ Auto = 'Automatic'; Manual = 'Manual'; Disabled = 'Disabled' }
    Set-Service -Name $Facts.service.name -StartupType $types[$mode]
    if ($mode -ne 'Disabled') { Start-Service -Name $Facts.service.name }
}

# True once the application answers; where it has no address, once its service runs.
function Test-Ready {
    if ($null -eq $Facts.health) {
        return ($Facts.service.manager -ne 'windows') -or ((Get-Service -Name $Facts.service.name).Status -eq 'Running')
    }
    $deadline = (Get-Date).AddMilliseconds($Facts.health.withinMs)
    do {
        try {
            $answer = Invoke-WebRequest -Uri $Facts.health.url -UseBasicParsing -TimeoutSec 5
            if ($answer.StatusCode -eq 200) { return $true }
        } catch [System.Net.WebException] {
            Start-Sleep -Milliseconds 500
        }
    } while ((Get-Date) -lt $deadline)
    return $false
}

# The whole way back without Backstep. Each step looks first whether it is done, so that a second run goes on where the first ended.
function Restore-Plainly {
    Test-Objects
    New-Item -ItemType Directory -Path $Work -Force | Out-Null
    Write-Line "going back from $($Facts.pair.to) to $($Facts.pair.from) without Backstep"
    Stop-Application
    $number = 0
    foreach ($unit in $Facts.units) {
        $number++
        foreach ($name in @('staged', 'displaced', 'placed')) {
            New-Item -ItemType Directory -Path (Join-Path $unit.root $name) -Force | Out-Null
        }
        $staged = Join-Path $unit.root "staged\$number"
        $placed = Join-Path $unit.root "placed\$number"
        if (Test-Path -LiteralPath $placed) { continue }
        $aside = Join-Path $unit.root "displaced\$number"
        if (-not (Test-Path -LiteralPath $unit.live) -and -not (Test-Path -LiteralPath $staged)) { Write-Line "$($unit.live) is missing" }
        $isMoved = (Test-Path -LiteralPath $aside) -or (Test-Path -LiteralPath "$aside.none")
        if (-not ($isMoved -and (Test-Path -LiteralPath $unit.live))) {
            New-Staged $unit $staged
            Move-Aside $unit $aside
            if ($unit.source.kind -ne 'gone') { Move-Patiently $staged $unit.live }
        }
        New-Item -ItemType File -Path $placed | Out-Null
        Write-Line "$($unit.live): back; the one that was live lies in $aside"
    }
    # By these two Backstep takes all this into its records.
    Copy-Item -LiteralPath (Join-Path $Kit 'units.tsv') -Destination (Join-Path $Work 'units.tsv') -Force
    $now = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    $line = @($Facts.pair.id, $Facts.pair.to, $Facts.pair.from, $now) -join "`t"
    Set-Content -LiteralPath (Join-Path $Work 'done') -Value $line -Encoding ASCII
    Start-Application
    foreach ($note in $Facts.notes) { Write-Line "not carried: $note" }
    if (-not (Test-Ready)) { Stop-Script 7 'the application does not answer' }
    Write-Line "$($Facts.pair.from) is back"
}

function Test-Version([string] $Version) {
    $wanted = $Version -replace '^v', ''
    if ($wanted -and $wanted -ne $Facts.pair.from) {
        Stop-Script 3 "this kit leads back to $($Facts.pair.from) alone, not to $wanted; nothing was touched"
    }
}
