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
    if ($Source.kind -eq 'database') { return $Source.before }
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
        Write-Line "$($unit.live): as before the upgrade; the live one lies in $aside"
    }
    # By these two Backstep takes all this into its records.
    Copy-Item -LiteralPath (Join-Path $Kit 'units.tsv') -Destination (Join-Path $Work 'units.tsv') -Force
    $now = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    $line = @($Facts.pair.id, $Facts.pair.to, $Facts.pair.from, $now) -join "`t"
    Set-Content -LiteralPath (Join-Path $Work 'done') -Value $line -Encoding ASCII
    Start-Application
    foreach ($note in $Facts.notes) { Write-Line "not carried: $note" }
    Write-Line 'not carried: what was written into databases and documents that the upgrade changed; it lies whole in what was moved aside, and Backstep carries it'
    if (-not (Test-Ready)) { Stop-Script 7 'the application does not answer' }
    Write-Line "$($Facts.pair.from) is back"
}

function Test-Version([string] $Version) {
    $wanted = $Version -replace '^v', ''
    if ($wanted -and $wanted -ne $Facts.pair.from) {
        Stop-Script 3 "this kit leads back to $($Facts.pair.from) alone, not to $wanted; nothing was touched"
    }
}
