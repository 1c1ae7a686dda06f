//go:build !purego

#include "textflag.h"

#define ROTATE(N, M, V) \
	VPSLLQ $N, V, Y5 \
	VPSRLQ $M, V, V \
	VPOR Y5, V, V

// ROUND is sipRound on four words at once: v0 to v3 are Y0 to Y3.
#define ROUND \
	VPADDQ Y1, Y0, Y0 \
	VPADDQ Y3, Y2, Y2 \
	ROTATE(13, 51, Y1) \
	ROTATE(16, 48, Y3) \
	VPXOR Y0, Y1, Y1 \
	VPXOR Y2, Y3, Y3 \
	VPSHUFD $0xb1, Y0, Y0 \
	VPADDQ Y3, Y0, Y0 \
	VPADDQ Y1, Y2, Y2 \
	ROTATE(21, 43, Y3) \
	ROTATE(17, 47, Y1) \
	VPXOR Y0, Y3, Y3 \
	VPXOR Y2, Y1, Y1 \
	VPSHUFD $0xb1, Y2, Y2

// func finishWide(words *uint64, fours int, state *[5]uint64)
TEXT ·finishWide(SB), NOSPLIT, $0-24
	MOVQ words+0(FP), DI
	MOVQ fours+8(FP), CX
	MOVQ state+16(FP), SI
	VPBROADCASTQ 0(SI), Y8
	VPBROADCASTQ 8(SI), Y9
	VPBROADCASTQ 16(SI), Y10
	VPBROADCASTQ 24(SI), Y11
	VPBROADCASTQ 32(SI), Y12

four:
	VMOVDQU (DI), Y4
	VMOVDQA Y8, Y0
	VMOVDQA Y9, Y1
	VMOVDQA Y10, Y2
	VPXOR Y4, Y11, Y3
	ROUND
	VPXOR Y4, Y0, Y0
	VPXOR Y12, Y2, Y2
	ROUND
	ROUND
	ROUND
	VPXOR Y1, Y0, Y0
	VPXOR Y3, Y2, Y2
	VPXOR Y2, Y0, Y0
	VPSRLQ $4, Y0, Y0
	VMOVDQU Y0, (DI)
	ADDQ $32, DI
	DECQ CX
	JNZ four

	VZEROUPPER
	RET
