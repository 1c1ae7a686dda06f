//go:build amd64 && !purego

#include "textflag.h"

// FOURTIMES is a constant of four equal words.
#define FOURTIMES(name, word) \
	DATA name+0(SB)/8, word \
	DATA name+8(SB)/8, word \
	DATA name+16(SB)/8, word \
	DATA name+24(SB)/8, word \
	GLOBL name(SB), RODATA|NOPTR, $32

FOURTIMES(length<>, $0x0800000000000000) // sipLength
FOURTIMES(ending<>, $0xff)

// Moves the bytes of a word two places up.
DATA sixteen<>+0(SB)/8, $0x0504030201000706
DATA sixteen<>+8(SB)/8, $0x0d0c0b0a09080f0e
DATA sixteen<>+16(SB)/8, $0x0504030201000706
DATA sixteen<>+24(SB)/8, $0x0d0c0b0a09080f0e
GLOBL sixteen<>(SB), RODATA|NOPTR, $32

// ROTATE rotates a word's bits up; Y4 is overwritten.
#define ROTATE(n, x) \
	VPSLLQ $n, x, Y4 \
	VPSRLQ $(64-n), x, x \
	VPOR Y4, x, x

// SIPROUND is sipRound of Y0 to Y3.
#define SIPROUND \
	VPADDQ Y1, Y0, Y0 \
	VPADDQ Y3, Y2, Y2 \
	ROTATE(13, Y1) \
	VPSHUFB sixteen<>(SB), Y3, Y3 \
	VPXOR Y0, Y1, Y1 \
	VPXOR Y2, Y3, Y3 \
	VPSHUFD $0xb1, Y0, Y0 \
	VPADDQ Y1, Y2, Y2 \
	VPADDQ Y3, Y0, Y0 \
	ROTATE(17, Y1) \
	ROTATE(21, Y3) \
	VPXOR Y2, Y1, Y1 \
	VPXOR Y0, Y3, Y3 \
	VPSHUFD $0xb1, Y2, Y2

// func feistelAVX2(start *[4]uint64, hashes *uint64, n int, number, step uint64)
TEXT ·feistelAVX2(SB), NOSPLIT, $0-40
	MOVQ start+0(FP), AX
	MOVQ hashes+8(FP), SI
	MOVQ n+16(FP), CX
	VPBROADCASTQ 0(AX), Y12
	VPBROADCASTQ 8(AX), Y13
	VPBROADCASTQ 16(AX), Y14
	VPBROADCASTQ 24(AX), Y15
	VPCMPEQD Y11, Y11, Y11
	VPSRLQ $39, Y11, Y11         // half a hash
	VPBROADCASTQ step+32(FP), Y10
	VPSLLQ $25, Y10, Y10

next:
	VMOVDQU (SI), Y0
	VPSRLQ $35, Y0, Y8
	VPSRLQ $10, Y0, Y9
	VPAND Y11, Y8, Y8
	VPAND Y11, Y9, Y9
	VPBROADCASTQ number+24(FP), Y7
	VPSLLQ $25, Y7, Y7
	MOVQ $6, BX

round:
	VPOR Y7, Y9, Y6              // the word
	VMOVDQA Y12, Y0
	VMOVDQA Y13, Y1
	VMOVDQA Y14, Y2
	VPXOR Y15, Y6, Y3
	SIPROUND
	VPXOR Y6, Y0, Y0
	VPXOR length<>(SB), Y3, Y3
	SIPROUND
	VPXOR length<>(SB), Y0, Y0
	VPXOR ending<>(SB), Y2, Y2
	SIPROUND
	SIPROUND
	SIPROUND
	VPXOR Y1, Y0, Y0
	VPXOR Y3, Y2, Y2
	VPXOR Y2, Y0, Y0
	VPAND Y11, Y0, Y0
	VPXOR Y8, Y0, Y0
	VMOVDQA Y9, Y8
	VMOVDQA Y0, Y9
	VPADDQ Y10, Y7, Y7
	DECQ BX
	JNZ round

	VPSLLQ $25, Y8, Y8
	VPOR Y9, Y8, Y8
	VPSLLQ $10, Y8, Y8
	VMOVDQU Y8, (SI)
	ADDQ $32, SI
	SUBQ $4, CX
	JNE next
	VZEROUPPER
	RET
