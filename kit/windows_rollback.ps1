# Goes back to an older release with what was done since.
#   .\windows_rollback.ps1 [-Version v1.2.1] [-Log FILE] [-Confirm]
# Without Backstep it does what emergency_rollback.ps1 does, and needs -Confirm for that.
param([string] $Version = '', [string] $Log = '', [switch] $Confirm)
. (Join-Path $PSScriptRoot 'plain.ps1')

$found = Get-Backstep
if ($null -ne $found) {
    $words = @('rollback', '--yes', '--reason', 'windows_rollback.ps1')
    if ($Version) { $words += @('--to', ($Version -replace '^v', '')) }
    Invoke-Backstep $found $words
}
if (-not $Confirm) { Stop-Script 3 'Backstep is not there: with -Confirm the state before the upgrade is put back; nothing was touched' }
Test-Version $Version
Restore-Plainly
