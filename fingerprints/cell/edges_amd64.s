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

// GAPS has in two registers where in 32 bytes a character of three bytes begins that usually ends a word, and one of two bytes.
#define GAPS(OFFSET, THREE, TWO) \
	VMOVDQU OFFSET(SI), Y0 \
	VMOVDQU (OFFSET+1)(SI), Y1 \
	VPCMPEQB same<>+0(SB), Y0, Y2 \
	VPCMPEQB same<>+32(SB), Y1, Y3 \
	VPAND Y2, Y3, Y2 \
	VMOVDQU (OFFSET+2)(SI), Y3 \
	VPSUBB same<>+64(SB), Y3, Y3 \
	VPMINUB same<>+96(SB), Y3, Y4 \
	VPCMPEQB Y3, Y4, Y3 \
	VPAND Y2, Y3, Y2 \
	VPMOVMSKB Y2, THREE \
	VPCMPEQB same<>+128(SB), Y0, Y2 \
	VPCMPEQB same<>+160(SB), Y1, Y3 \
	VPCMPEQB same<>+192(SB), Y1, Y4 \
	VPOR Y3, Y4, Y3 \
	VPCMPEQB same<>+224(SB), Y1, Y4 \
	VPOR Y3, Y4, Y3 \
	VPAND Y2, Y3, Y2 \
	VPMOVMSKB Y2, TWO

#define SAME(AT, BYTES) \
DATA same<>+(AT+0)(SB)/8, $BYTES \
DATA same<>+(AT+8)(SB)/8, $BYTES \
DATA same<>+(AT+16)(SB)/8, $BYTES \
DATA same<>+(AT+24)(SB)/8, $BYTES

// U+2010 to U+2029, and U+00A0, U+00AB and U+00BB
SAME(0, 0xe2e2e2e2e2e2e2e2)
SAME(32, 0x8080808080808080)
SAME(64, 0x9090909090909090)
SAME(96, 0x1919191919191919)
SAME(128, 0xc2c2c2c2c2c2c2c2)
SAME(160, 0xa0a0a0a0a0a0a0a0)
SAME(192, 0xabababababababab)
SAME(224, 0xbbbbbbbbbbbbbbbb)
GLOBL same<>(SB), RODATA|NOPTR, $256

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
	XORL R11, R11         // the bytes in which a gap of the block before goes on

block:
	RUNS(0, R9)
	RUNS(32, AX)
	SHLQ $32, AX
	ORQ R9, AX
	VMOVDQU (SI), Y0
	VPOR 32(SI), Y0, Y0
	VPMOVMSKB Y0, R9
	TESTL R9, R9
	JZ ascii
	GAPS(0, R9, R12)
	GAPS(32, BX, R13)
	SHLQ $32, BX
	ORQ BX, R9
	SHLQ $32, R13
	ORQ R13, R12
	ORQ R9, R12           // where gaps begin
	ORQ R12, R11
	LEAQ (R12)(R12*1), BX // their second bytes
	ORQ BX, R11
	LEAQ (R9*4), BX       // and third ones
	ORQ BX, R11
	NOTQ R11
	ANDQ R11, AX
	SHRQ $63, R12
	SHRQ $62, R9
	MOVQ R9, R11
	ORQ R12, R11

ascii:
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
