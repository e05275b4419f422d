# Makes every check of the release that should run now; ends with 7 where something is wrong.
#   .\verify_rollback.ps1 [-Version v1.2.1] [-Log FILE]
# Without Backstep it looks whether the application answers.
param([string] $Version = '', [string] $Log = '')
. (Join-Path $PSScriptRoot 'plain.ps1')

$found = Get-Backstep
if ($null -ne $found) {
    $words = @('verify')
    if ($Version) { $words += @('--version', $Version) }
    Invoke-Backstep $found $words
}
Test-Version $Version
if (-not (Test-Ready)) { Stop-Script 7 'the application does not answer' }
Write-Line 'the application answers; Backstep is not there to check more'
