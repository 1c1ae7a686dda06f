//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"

// func fetch(some *waiting, n int, words *uint64, size uint64)
TEXT ·fetch(SB), NOSPLIT, $0-32
	MOVQ some+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ words+16(FP), DI
	MOVQ size+24(FP), R8

word:
	MOVQ (SI), AX                // its hash; the rest is secondWord
	ADDQ $waiting__size, SI
	SHRQ $const_dropBits, AX
	MOVL AX, AX
	IMULQ R8, AX
	SHRQ $32, AX
	PREFETCHT0 (DI)(AX*8)
	DECQ CX
	JNZ word
	RET
