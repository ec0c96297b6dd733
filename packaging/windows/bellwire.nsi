; The installer for Windows: for one person, without an administrator's rights.
;
; packaging/windows/package runs it and defines VERSION, BUILD, FILES (the
; folder with the programs) and OUTFILE.
;
; With /S it asks nothing; /D=FOLDER, the last argument and without quotes,
; chooses the folder. An upgrade is the same as an installation: a Bellwire that
; runs is asked to quit, and is started again afterwards.

Target amd64-unicode ; Bellwire is 64 bits, so the installer may be
Unicode true
; One dictionary over everything: bellwire.com and bellwire.exe differ by a byte.
SetCompressor /SOLID lzma
SetCompressorDictSize 64

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh

!define ID "io.bellwire.Bellwire" ; as in FyneApp.toml and notify/wintoast_windows.go
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"

Name "Bellwire"
OutFile "${OUTFILE}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Bellwire"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
ManifestDPIAware true
ManifestSupportedOS Win10
BrandingText " "
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION}.${BUILD}"
VIAddVersionKey ProductName "Bellwire"
VIAddVersionKey ProductVersion "${VERSION}.${BUILD}"
VIAddVersionKey FileVersion "${VERSION}.${BUILD}"
VIAddVersionKey FileDescription "Bellwire Setup"
VIAddVersionKey CompanyName "The Bellwire developers"
VIAddVersionKey LegalCopyright "The Bellwire developers"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\bellwire.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString WINDOWS10 ${LANG_ENGLISH} "Bellwire needs 64-bit Windows 10 or later."
LangString WINDOWS10 ${LANG_SIMPCHINESE} "Bellwire 需要 64 位的 Windows 10 或更高版本。"
LangString RUNNING ${LANG_ENGLISH} "Bellwire is still running and cannot be replaced. Quit it from its icon in the taskbar, then choose Retry."
LangString RUNNING ${LANG_SIMPCHINESE} "Bellwire 仍在运行，无法替换。请从任务栏图标退出它，然后选择“重试”。"
LangString FOREIGN ${LANG_ENGLISH} "The folder holds other files. Choose an empty folder, or the one that Bellwire is in."
LangString FOREIGN ${LANG_SIMPCHINESE} "该文件夹中有其他文件。请选择空文件夹，或 Bellwire 所在的文件夹。"
LangString ABOUT ${LANG_ENGLISH} "Live streams as notifications"
LangString ABOUT ${LANG_SIMPCHINESE} "把实时数据流变成通知"

Var wasRunning

Function .onInit
	${IfNot} ${AtLeastWin10}
		MessageBox MB_OK|MB_ICONSTOP "$(WINDOWS10)" /SD IDOK
		SetErrorLevel 1
		Quit
	${EndIf}
FunctionEnd

; Quit asks the Bellwire in $INSTDIR to quit and waits until its programs can
; be written; $wasRunning is 1 if there was one. What the window is busy with
; ends with the daemon.
!macro QUIT UN
Function ${UN}quit
	StrCpy $wasRunning 0
	IfFileExists "$INSTDIR\bellwire.com" 0 done
	nsExec::Exec '"$INSTDIR\bellwire.com" quit'
	Pop $0
	${If} $0 == "0"
		StrCpy $wasRunning 1
	${EndIf}
	try:
	StrCpy $1 0
	${Do}
		ClearErrors
		FileOpen $2 "$INSTDIR\bellwire.exe" a
		${IfNot} ${Errors}
			FileClose $2
			Goto done
		${EndIf}
		IfFileExists "$INSTDIR\bellwire.exe" 0 done
		Sleep 250
		IntOp $1 $1 + 1
	${LoopUntil} $1 >= 40
	MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDRETRY try
	SetErrorLevel 2
	Quit
	done:
	ClearErrors
FunctionEnd
!macroend
!insertmacro QUIT ""
!insertmacro QUIT "un."

; Shortcut makes the entry of the Start menu. It carries the id under which
; Bellwire notifies: Windows takes name and icon of its notifications from it,
; and puts the window and the entry together in the taskbar.
Function shortcut
	!insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
	${If} $0 P<> 0
		${IShellLink::SetPath} $0 '("$INSTDIR\bellwire.exe").r1'
		${IShellLink::SetWorkingDirectory} $0 '("$INSTDIR").r1'
		${IShellLink::SetDescription} $0 '("$(ABOUT)").r1'
		${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r1)'
		${If} $1 P<> 0
			System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r2'
			System::Call '*(&w${NSIS_MAX_STRLEN} "${ID}")p.r4'
			System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},,p r4)p.r3'
			${IPropertyStore::SetValue} $1 '($2,$3)'
			System::Free $2
			System::Free $3
			System::Free $4
			${IPropertyStore::Commit} $1 ""
			${IUnknown::Release} $1 ""
		${EndIf}
		${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
		${If} $1 P<> 0
			${IPersistFile::Save} $1 '("$SMPROGRAMS\Bellwire.lnk",1)'
			${IUnknown::Release} $1 ""
		${EndIf}
		${IUnknown::Release} $0 ""
	${EndIf}
FunctionEnd

Section "Bellwire"
	; A folder with somebody's own files is not one to be emptied later.
	IfFileExists "$INSTDIR\bellwire.exe" ours
	${DirState} "$INSTDIR" $0
	${If} $0 = 1
		MessageBox MB_OK|MB_ICONSTOP "$(FOREIGN)" /SD IDOK
		SetErrorLevel 2
		Quit
	${EndIf}
	ours:
	Call quit
	SetOutPath "$INSTDIR"
	File "${FILES}/bellwire.exe"
	File "${FILES}/bellwire.com"
	File "${FILES}/LICENSE.txt"
	File "${FILES}/README.md"
	File "${FILES}/THIRD-PARTY-LICENCES.txt"
	WriteUninstaller "$INSTDIR\uninstall.exe"
	Call shortcut

	WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Bellwire"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\bellwire.exe"
	WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Bellwire developers"
	WriteRegStr HKCU "${UNINSTALL}" "URLInfoAbout" "https://bellwire.io"
	WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
	WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
	WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
	WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
	WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
	${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
	WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0

	; The last page offers it; without pages it is as it was.
	${If} ${Silent}
	${AndIf} $wasRunning = 1
		Exec '"$INSTDIR\bellwire.exe" run'
	${EndIf}
SectionEnd

Section "Uninstall"
	Call un.quit
	Delete "$INSTDIR\bellwire.exe"
	Delete "$INSTDIR\bellwire.com"
	Delete "$INSTDIR\LICENSE.txt"
	Delete "$INSTDIR\README.md"
	Delete "$INSTDIR\THIRD-PARTY-LICENCES.txt"
	Delete "$INSTDIR\uninstall.exe"
	RMDir "$INSTDIR" ; only if it is empty
	Delete "$SMPROGRAMS\Bellwire.lnk"
	DeleteRegValue HKCU "${RUN}" "bellwire"
	DeleteRegValue HKCU "${APPROVED}" "bellwire"
	DeleteRegKey HKCU "Software\Classes\AppUserModelId\${ID}"
	DeleteRegKey HKCU "${UNINSTALL}"
	; Feeds and history, in $LOCALAPPDATA\bellwire, are the person's own.
SectionEnd
