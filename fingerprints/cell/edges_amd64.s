//go:build !purego

#include "textflag.h"

// RUNS has in a register which of 32 bytes are ASCII letters or digits, or beyond ASCII.
#define RUNS(OFFSET, MASK) \
	VMOVDQU OFFSET(SI), Y0 \
	VPOR Y8, Y0, Y1 \
	VPSUBB Y9, Y1, Y1 \
	VPMINUB Y10, Y1, Y2 \
	VPCMPEQB Y1, Y2, Y1 \
	VPSUBB Y11, Y0, Y2 \
	VPMINUB Y12, Y2, Y3 \
	VPCMPEQB Y2, Y3, Y2 \
	VPOR Y1, Y2, Y1 \
	VPOR Y0, Y1, Y1 \
	VPMOVMSKB Y1, MASK

// EDGES writes the places of the lowest eight bits of AX.
#define EDGES \
	MOVBLZX AX, BX \
	VPMOVZXBW (R8)(BX*8), X1 \
	VPADDW X6, X1, X1 \
	VMOVDQU X1, (DI) \
	POPCNTL BX, BX \
	LEAQ (DI)(BX*2), DI \
	SHRQ $8, AX \
	VPADDW X7, X6, X6

// EACH fills a register with one byte.
#define EACH(BYTE, X, Y) \
	MOVL $BYTE, AX \
	VMOVD AX, X \
	VPBROADCASTB X, Y

// func edgesWide(to, text *byte, blocks int, base uint64, places *[256]uint64) int
TEXT ·edgesWide(SB), NOSPLIT, $0-48
	MOVQ to+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ places+32(FP), R8
	MOVQ base+24(FP), AX
	VMOVD AX, X6
	VPBROADCASTW X6, X6
	MOVL $8, AX
	VMOVD AX, X7
	VPBROADCASTW X7, X7
	EACH(0x20, X8, Y8)
	EACH(0x61, X9, Y9)    // a
	EACH(25, X10, Y10)
	EACH(0x30, X11, Y11)  // 0
	EACH(9, X12, Y12)
	XORL R10, R10         // 1: the byte before is in a run

block:
	RUNS(0, R9)
	RUNS(32, AX)
	SHLQ $32, AX
	ORQ R9, AX
	LEAQ (AX)(AX*1), R9
	ORQ R10, R9
	MOVQ AX, R10
	SHRQ $63, R10
	XORQ R9, AX
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
	ADDQ $64, SI
	DECQ CX
	JNZ block

	VZEROUPPER
	SUBQ to+0(FP), DI
	MOVQ DI, ret+40(FP)
	RET
