//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// By character of ASCII: 1 for letters and digits, 2 for digits, 4 for the end of a line, 8 for '@', 16 for brackets that may end a
// record, which are ) ] and }.
DATA kinds<>+0(SB)/8, $0x0000000000000000
DATA kinds<>+8(SB)/8, $0x0000000000040000
DATA kinds<>+16(SB)/8, $0x0000000000000000
DATA kinds<>+24(SB)/8, $0x0000000000000000
DATA kinds<>+32(SB)/8, $0x0000000000000000
DATA kinds<>+40(SB)/8, $0x0000000000001000
DATA kinds<>+48(SB)/8, $0x0303030303030303
DATA kinds<>+56(SB)/8, $0x0000000000000303
DATA kinds<>+64(SB)/8, $0x0101010101010108
DATA kinds<>+72(SB)/8, $0x0101010101010101
DATA kinds<>+80(SB)/8, $0x0101010101010101
DATA kinds<>+88(SB)/8, $0x0000100000010101
DATA kinds<>+96(SB)/8, $0x0101010101010100
DATA kinds<>+104(SB)/8, $0x0101010101010101
DATA kinds<>+112(SB)/8, $0x0101010101010101
DATA kinds<>+120(SB)/8, $0x0000100000010101
GLOBL kinds<>(SB), RODATA|NOPTR, $128

// BYTE fills a register with one byte.
#define BYTE(VALUE, Z) \
	MOVL $VALUE, AX \
	VPBROADCASTB AX, Z

// func runs512(m *maps, text *byte, blocks int) (any uint64)
TEXT ·runs512(SB), NOSPLIT, $0-32
	MOVQ m+0(FP), DX
	LEAQ maps_runs(DX), DI
	LEAQ maps_digits(DX), DX
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	VMOVDQU64 kinds<>+0(SB), Z31
	VMOVDQU64 kinds<>+64(SB), Z30
	BYTE(1, Z29)
	BYTE(2, Z28)
	BYTE(4, Z27)
	BYTE(0xe2, Z26)       // U+2010 to U+2029
	BYTE(0x80, Z25)
	BYTE(0x90, Z24)
	BYTE(0x19, Z23)
	BYTE(0xc2, Z22)       // U+00A0, U+00AB and U+00BB
	BYTE(0xa0, Z21)
	BYTE(0xab, Z20)
	BYTE(0xbb, Z19)
	VPXORQ Z10, Z10, Z10  // all kinds so far
	XORL R11, R11         // the bytes in which a gap of the block before goes on

block:
	VMOVDQU64 (SI), Z0
	VPMOVB2M Z0, K1
	KNOTQ K1, K2
	VMOVDQA64 Z0, Z1
	VPERMI2B.Z Z30, Z31, K2, Z1
	VPORQ Z1, Z10, Z10
	VPTESTMB Z29, Z1, K3
	VPTESTMB Z28, Z1, K4
	VPTESTMB Z27, Z1, K5
	KMOVQ K4, (DX)
	KMOVQ K5, (maps_lines-maps_runs)(DI)
	KORQ K1, K3, K3
	KMOVQ K3, AX
	KMOVQ K1, BX
	TESTQ BX, BX
	JZ ascii
	VMOVDQU64 1(SI), Z1
	VMOVDQU64 2(SI), Z2
	VPCMPEQB Z26, Z0, K1
	VPCMPEQB Z25, Z1, K1, K1
	VPSUBB Z24, Z2, Z2
	VPCMPUB $2, Z23, Z2, K1, K1
	VPCMPEQB Z22, Z0, K2
	VPCMPEQB Z21, Z1, K2, K3
	VPCMPEQB Z20, Z1, K2, K4
	VPCMPEQB Z19, Z1, K2, K5
	KORQ K3, K4, K4
	KORQ K1, K5, K5
	KORQ K4, K5, K5
	KMOVQ K1, R9
	KMOVQ K5, R12         // where gaps begin
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
	MOVQ AX, (DI)
	ADDQ $8, DI
	ADDQ $8, DX
	ADDQ $64, SI
	DECQ CX
	JNZ block

	MOVQ m+0(FP), DI
	BYTE(8, Z1)
	VPTESTMB Z1, Z10, K1
	KMOVQ K1, AX
	NEGQ AX
	SBBL AX, AX
	MOVL AX, maps_ats(DI)
	BYTE(16, Z1)
	VPTESTMB Z1, Z10, K1
	KMOVQ K1, AX
	NEGQ AX
	SBBL AX, AX
	MOVL AX, maps_brackets(DI)
	VPTESTMB Z28, Z10, K1
	KMOVQ K1, AX
	MOVQ AX, any+24(FP)
	VZEROUPPER
	RET

DATA each<>+0(SB)/8, $0x0706050403020100
DATA each<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA each<>+16(SB)/8, $0x1716151413121110
DATA each<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA each<>+32(SB)/8, $0x2726252423222120
DATA each<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA each<>+48(SB)/8, $0x3736353433323130
DATA each<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL each<>(SB), RODATA|NOPTR, $64

// func edges512(to *byte, runs, marks *[mapWords]uint64, blocks int, base uint64) int
//
// In registers: DI and SI where places are put and where the block's are, R9 the runs, R11 the marks, R13 the edges, R10 whether the
// byte before is in a run.
TEXT ·edges512(SB), NOSPLIT, $0-48
	MOVQ to+0(FP), DI
	MOVQ runs+8(FP), R9
	MOVQ marks+16(FP), R11
	MOVQ blocks+24(FP), CX
	MOVQ base+32(FP), AX
	VPBROADCASTW AX, Z6
	MOVL $64, AX
	VPBROADCASTW AX, Z7
	VMOVDQU64 each<>(SB), Z5
	XORL R10, R10

block:
	MOVQ (R9), DX
	LEAQ (DX)(DX*1), R13
	ORQ R10, R13
	MOVQ DX, R10
	SHRQ $63, R10
	XORQ DX, R13
	KMOVQ R13, K1
	VPCOMPRESSB.Z Z5, K1, Z0
	VPMOVZXBW Y0, Z1
	VPADDW Z6, Z1, Z1
	VMOVDQU64 Z1, (DI)
	MOVQ DI, SI
	POPCNTQ R13, AX
	LEAQ (DI)(AX*2), DI
	CMPL AX, $32
	JHI many

written:
	VPADDW Z7, Z6, Z6
	MOVQ (R11), AX
	TESTQ AX, AX
	JNZ mark

next:
	ADDQ $8, R9
	ADDQ $8, R11
	DECQ CX
	JNZ block

	VZEROUPPER
	SUBQ to+0(FP), DI
	MOVQ DI, ret+40(FP)
	RET

many:
	VEXTRACTI64X4 $1, Z0, Y0
	VPMOVZXBW Y0, Z1
	VPADDW Z6, Z1, Z1
	VMOVDQU64 Z1, 64(SI)
	JMP written

mark:
	BSFQ AX, BX
	BLSRQ AX, AX
	BZHIQ BX, R13, DX
	POPCNTQ DX, DX
	ORB $(const_firm/256), 1(SI)(DX*2)
	TESTQ AX, AX
	JNZ mark
	JMP next
