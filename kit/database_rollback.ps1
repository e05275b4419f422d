# Brings databases alone back to their older shape, with the rows written since; the release stays. Needs Backstep.
#   .\database_rollback.ps1 -Asset NAME [-Version v1.2.1] [-Log FILE]
# Program and database are switched together by windows_rollback.ps1: that is what goes back from an upgrade.
param([string[]] $Asset = @(), [string] $Version = '', [string] $Log = '')
. (Join-Path $PSScriptRoot 'plain.ps1')

if ($Asset.Count -eq 0) { Stop-Script 2 'name the database: -Asset NAME, as the manifest calls it' }
$found = Get-Backstep
if ($null -eq $found) { Stop-Script 3 'a database alone goes back only with Backstep, which is not there; nothing was touched' }
$words = @('rollback', '--yes', '--reason', 'database_rollback.ps1')
foreach ($name in $Asset) { $words += @('--only', $name) }
if ($Version) { $words += @('--to', ($Version -replace '^v', '')) }
Invoke-Backstep $found $words
