# Brings one database alone back to its older shape, with the rows written since; the release stays.
#   .\database_rollback.ps1 -Asset NAME [-Version v1.2.1] [-Log FILE] [-Manifest FILE]
param([string] $Asset = '', [string] $Version = '', [string] $Log = '', [string] $Manifest = '')
. (Join-Path $PSScriptRoot 'backstep.ps1')

if (-not $Asset) {
    Write-Output 'database_rollback.ps1: name the database: -Asset NAME, as the manifest calls it'
    exit 2
}
$words = @('rollback', '--only', $Asset, '--yes', '--reason', 'database_rollback.ps1')
if ($Version) { $words += @('--to', ($Version -replace '^v', '')) }
Invoke-Backstep $words $Log $Manifest
