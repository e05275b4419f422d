# Goes back to an older release with what was done since.
#   .\windows_rollback.ps1 [-Version v1.2.1] [-Log FILE] [-Manifest FILE]
param([string] $Version = '', [string] $Log = '', [string] $Manifest = '')
. (Join-Path $PSScriptRoot 'backstep.ps1')

$words = @('rollback', '--yes', '--reason', 'windows_rollback.ps1')
if ($Version) { $words += @('--to', ($Version -replace '^v', '')) }
Invoke-Backstep $words $Log $Manifest
