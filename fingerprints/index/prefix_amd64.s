//go:build amd64 && !purego

#include "textflag.h"

// func prefixWide(room *uint32, hashes *uint64, fours int, words *uint64, asked *[5]uint64) int
//
// asked has what cellKey takes of a hash and adds to it, the number of words, and the lower and upper half of spread.
//
// In registers: DI and DX where a place is put and how many were, SI the hashes, CX the fours left, R8 the words, BX the place.
TEXT ·prefixWide(SB), NOSPLIT, $0-48
	MOVQ room+0(FP), DI
	MOVQ hashes+8(FP), SI
	MOVQ fours+16(FP), CX
	MOVQ words+24(FP), R8
	MOVQ asked+32(FP), AX
	VPBROADCASTQ 0(AX), Y8
	VPBROADCASTQ 8(AX), Y9
	VPBROADCASTQ 16(AX), Y10
	VPBROADCASTQ 24(AX), Y11
	VPBROADCASTQ 32(AX), Y12
	VPCMPEQB Y0, Y0, Y0
	VPSRLQ $63, Y0, Y13     // 1
	VPSRLQ $58, Y0, Y14     // 63
	VPXOR Y15, Y15, Y15
	XORL DX, DX
	XORL BX, BX

four:
	VPAND (SI), Y8, Y0
	VPOR Y9, Y0, Y0         // keys
	VPSRLQ $28, Y0, Y1
	VPMULUDQ Y10, Y1, Y1
	VPSRLQ $32, Y1, Y1      // which words
	VPCMPEQB Y2, Y2, Y2
	VPGATHERQQ Y2, (R8)(Y1*8), Y3
	VPSRLQ $10, Y0, Y0
	VPSRLQ $32, Y0, Y4
	VPMULUDQ Y11, Y4, Y4
	VPMULUDQ Y12, Y0, Y5
	VPADDQ Y4, Y5, Y4
	VPSLLQ $32, Y4, Y4
	VPMULUDQ Y11, Y0, Y0
	VPADDQ Y4, Y0, Y0       // times spread
	VPSRLQ $58, Y0, Y1
	VPSRLQ $52, Y0, Y2
	VPSRLQ $46, Y0, Y4
	VPSRLQ $40, Y0, Y5
	VPAND Y14, Y2, Y2
	VPAND Y14, Y4, Y4
	VPAND Y14, Y5, Y5
	VPSLLVQ Y1, Y13, Y1
	VPSLLVQ Y2, Y13, Y2
	VPSLLVQ Y4, Y13, Y4
	VPSLLVQ Y5, Y13, Y5
	VPOR Y1, Y2, Y1
	VPOR Y4, Y5, Y4
	VPOR Y1, Y4, Y1         // bitsOf
	VPANDN Y1, Y3, Y1       // those that the words lack
	VPCMPEQQ Y15, Y1, Y1
	VMOVMSKPD Y1, AX
	TESTL AX, AX
	JNZ some

next:
	ADDQ $32, SI
	ADDL $4, BX
	DECQ CX
	JNZ four
	VZEROUPPER
	MOVQ DX, ret+40(FP)
	RET

some:
	BSFL AX, R9
	ADDL BX, R9
	MOVL R9, (DI)(DX*4)
	INCQ DX
	LEAL -1(AX), R9
	ANDL R9, AX
	JNZ some
	JMP next
