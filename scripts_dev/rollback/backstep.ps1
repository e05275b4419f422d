# What the scripts for PowerShell beside this one share: they source it. Each is a thin way into Backstep under a name of the
# manual; `backstep.yaml` is looked for in the current folder and above, or named by -Manifest FILE.

$ErrorActionPreference = 'Stop'

# Runs Backstep with these words, its output also into the log, and ends as it does.
function Invoke-Backstep([string[]] $Words, [string] $Log, [string] $Manifest) {
    $program = Get-Command 'backstep' -ErrorAction SilentlyContinue
    if ($null -eq $program) {
        Write-Output 'backstep is not on the path: the scripts of the emergency kit do without it'
        exit 3
    }
    if ($Manifest) { $Words += @('--manifest', $Manifest) }
    if ($Log) { & $program.Source @Words | Tee-Object -FilePath $Log -Append }
    else { & $program.Source @Words }
    exit $LASTEXITCODE
}
