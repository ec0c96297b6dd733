/* Wine 8 lacks this library, which Go asks for random bytes. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T n)
{
	return RtlGenRandom(data, (ULONG)n);
}
