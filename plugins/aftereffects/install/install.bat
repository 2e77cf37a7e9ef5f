@echo off
rem Megaton Roto for After Effects on Windows: puts the panel where this user's After Effects looks
rem and allows panels that are not signed. Another folder: install.bat "D:\CEP\extensions"
setlocal
set "PANEL=com.megatonroto.panel"
set "HERE=%~dp0"
set "EXTENSIONS=%APPDATA%\Adobe\CEP\extensions"
if not "%~1"=="" set "EXTENSIONS=%~1"
set "WAITING=%EXTENSIONS%\..\%PANEL%.new"
set "OLD=%EXTENSIONS%\..\%PANEL%.old"

if not exist "%HERE%%PANEL%\CSXS\manifest.xml" (
  echo The folder %PANEL% is missing beside this script.
  echo Unpack the whole zip and start it there.
  goto failed
)
tasklist /FI "IMAGENAME eq AfterFX.exe" 2>nul | find /I "AfterFX.exe" >nul
if not errorlevel 1 (
  echo After Effects is running. Close it, then start this again.
  goto failed
)

rem The new panel is complete before the old one goes; After Effects never sees both.
if not exist "%EXTENSIONS%" mkdir "%EXTENSIONS%"
if not exist "%EXTENSIONS%" goto unwritable
if exist "%WAITING%" rmdir /S /Q "%WAITING%"
if exist "%OLD%" rmdir /S /Q "%OLD%"
xcopy "%HERE%%PANEL%" "%WAITING%" /E /I /Q /H /Y >nul
if errorlevel 1 goto unwritable
if exist "%EXTENSIONS%\%PANEL%" move "%EXTENSIONS%\%PANEL%" "%OLD%" >nul
if exist "%EXTENSIONS%\%PANEL%" goto unwritable
move "%WAITING%" "%EXTENSIONS%\%PANEL%" >nul
if not exist "%EXTENSIONS%\%PANEL%\CSXS\manifest.xml" (
  if exist "%OLD%" move "%OLD%" "%EXTENSIONS%\%PANEL%" >nul
  goto unwritable
)
if exist "%OLD%" rmdir /S /Q "%OLD%"
echo The panel: %EXTENSIONS%\%PANEL%

for %%V in (11 12) do reg add "HKCU\Software\Adobe\CSXS.%%V" /v PlayerDebugMode /t REG_SZ /d 1 /f >nul
if errorlevel 1 (
  echo The registry could not be written: ask IT for HKCU\Software\Adobe\CSXS.12, PlayerDebugMode, text 1.
  goto failed
)
echo Panels without a signature are allowed: PlayerDebugMode of CSXS 11 and 12.
echo Start After Effects: Window, Extensions, Megaton Roto.
if "%~1"=="" pause
exit /b 0

:unwritable
echo %EXTENSIONS% could not be written. Close programs that use it and start this again.

:failed
if "%~1"=="" pause
exit /b 1
