#include "textflag.h"

// int clock_gettime(clockid_t DI, struct timespec *SI), called as C's: the
// system call, and the offset on CLOCK_REALTIME (0).
TEXT clocktest<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	$228, AX // SYS_clock_gettime; changes AX, CX and R11 alone
	SYSCALL
	TESTL	AX, AX
	JNE	done // no such clock, and no time
	TESTL	DI, DI
	JNE	done
	MOVQ	(SI), AX
	MOVQ	$1000000000, CX
	IMULQ	CX, AX
	ADDQ	8(SI), AX
	MOVQ	·clocktestOffset(SB), DX
	ADDQ	(DX), AX
	XORL	DX, DX
	DIVQ	CX
	MOVQ	AX, (SI)
	MOVQ	DX, 8(SI)
	XORL	AX, AX
done:
	RET

// func clocktestAddress() uintptr
TEXT ·clocktestAddress(SB),NOSPLIT,$0-8
	LEAQ	clocktest<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET
