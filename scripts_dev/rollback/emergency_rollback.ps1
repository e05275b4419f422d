# Goes back to the release before and asks nothing; where a check fails, it stays as it is for a person.
#   .\emergency_rollback.ps1 -Confirm [-Log FILE] [-Manifest FILE]
param([switch] $Confirm, [string] $Log = '', [string] $Manifest = '')
. (Join-Path $PSScriptRoot 'backstep.ps1')

if (-not $Confirm) {
    Write-Output 'emergency_rollback.ps1: it asks nothing, so it needs -Confirm'
    exit 2
}
Invoke-Backstep @('rollback', '--emergency', '--confirm', '--reason', 'emergency_rollback.ps1') $Log $Manifest
