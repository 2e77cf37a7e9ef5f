@echo off
rem Takes Megaton Roto out of After Effects on Windows. Another folder: uninstall.bat "D:\CEP\extensions"
setlocal
set "PANEL=com.megatonroto.panel"
set "EXTENSIONS=%APPDATA%\Adobe\CEP\extensions"
if not "%~1"=="" set "EXTENSIONS=%~1"

tasklist /FI "IMAGENAME eq AfterFX.exe" 2>nul | find /I "AfterFX.exe" >nul
if not errorlevel 1 (
  echo After Effects is running. Close it, then start this again.
  goto failed
)
if not exist "%EXTENSIONS%\%PANEL%" (
  echo There is no Megaton Roto in %EXTENSIONS%.
  if "%~1"=="" pause
  exit /b 0
)
rmdir /S /Q "%EXTENSIONS%\%PANEL%"
if exist "%EXTENSIONS%\%PANEL%" (
  echo %EXTENSIONS%\%PANEL% could not be removed. Close programs that use it.
  goto failed
)
echo Megaton Roto is gone from %EXTENSIONS%.
echo Panels without a signature are still allowed, other panels may need that. To forbid them:
echo   reg delete HKCU\Software\Adobe\CSXS.11 /v PlayerDebugMode /f
echo   reg delete HKCU\Software\Adobe\CSXS.12 /v PlayerDebugMode /f
if "%~1"=="" pause
exit /b 0

:failed
if "%~1"=="" pause
exit /b 1
