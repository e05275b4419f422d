# Makes every check of the release that should run now; ends with 7 where something is wrong.
#   .\verify_rollback.ps1 [-Version v1.2.1] [-Log FILE] [-Manifest FILE]
param([string] $Version = '', [string] $Log = '', [string] $Manifest = '')
. (Join-Path $PSScriptRoot 'backstep.ps1')

$words = @('verify')
if ($Version) { $words += @('--version', $Version) }
if ($Log) { $words += @('--log', $Log) }
Invoke-Backstep $words '' $Manifest
