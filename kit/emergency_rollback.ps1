# Goes back to the release before and asks nothing.
#   .\emergency_rollback.ps1 -Confirm [-Version v1.2.1] [-Log FILE] [-Plain]
# With Backstep there, Backstep does it. Without (or with -Plain), this script does, from the plain files of the store.
param([switch] $Confirm, [string] $Version = '', [string] $Log = '', [switch] $Plain)
. (Join-Path $PSScriptRoot 'plain.ps1')

if (-not $Confirm) { Stop-Script 2 'it asks nothing, so it needs -Confirm' }
$found = Get-Backstep
if (-not $Plain -and $null -ne $found) {
    $words = @('rollback', '--emergency', '--confirm', '--reason', 'emergency_rollback.ps1')
    if ($Version) { $words += @('--to', ($Version -replace '^v', '')) }
    Invoke-Backstep $found $words
}
Test-Version $Version
Restore-Plainly
