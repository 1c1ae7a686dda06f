//go:build amd64 && !purego

#include "textflag.h"

// The four bytes from each of eight places, of sixteen bytes that stand in both halves.
DATA grams<>+0(SB)/8, $0x0403020103020100
DATA grams<>+8(SB)/8, $0x0605040305040302
DATA grams<>+16(SB)/8, $0x0807060507060504
DATA grams<>+24(SB)/8, $0x0a09080709080706
GLOBL grams<>(SB), RODATA|NOPTR, $32

DATA numbers<>+0(SB)/8, $0x0000000100000000
DATA numbers<>+8(SB)/8, $0x0000000300000002
DATA numbers<>+16(SB)/8, $0x0000000500000004
DATA numbers<>+24(SB)/8, $0x0000000700000006
GLOBL numbers<>(SB), RODATA|NOPTR, $32

DATA eight<>+0(SB)/8, $0x0000000800000008
DATA eight<>+8(SB)/8, $0x0000000800000008
DATA eight<>+16(SB)/8, $0x0000000800000008
DATA eight<>+24(SB)/8, $0x0000000800000008
GLOBL eight<>(SB), RODATA|NOPTR, $32

// Window-1
DATA fifteen<>+0(SB)/8, $0x0000000f0000000f
DATA fifteen<>+8(SB)/8, $0x0000000f0000000f
DATA fifteen<>+16(SB)/8, $0x0000000f0000000f
DATA fifteen<>+24(SB)/8, $0x0000000f0000000f
GLOBL fifteen<>(SB), RODATA|NOPTR, $32

// placeMask
DATA placeMask<>+0(SB)/4, $0x3ff
GLOBL placeMask<>(SB), RODATA|NOPTR, $4

// KEYS makes the next eight keys in Y0, and from the ones before the greatest of ever longer runs that begin at each place.
// A run of twice the length is two runs, of which the second begins where the first one ends, which is in the next vector
// in part: so each vector is one behind those that it is made of. Kept are the last keys in Y1, the last greatest of two
// grams in Y2, of four in Y3, of eight in Y4, of sixteen in Y5, and the two of sixteen before it in Y6 and Y7.
#define KEYS \
	VBROADCASTI128 (SI), Y0 \
	ADDQ $8, SI \
	VPSHUFB Y15, Y0, Y0 \
	VPMULLD Y14, Y0, Y0 \
	VPANDN Y0, Y13, Y0 \
	VPOR Y12, Y0, Y0 \
	VPADDD eight<>(SB), Y12, Y12 \
	VPERM2I128 $0x21, Y0, Y1, Y8 \
	VPALIGNR $4, Y1, Y8, Y8 \
	VPMAXUD Y1, Y8, Y8 \
	VMOVDQA Y0, Y1 \
	VPERM2I128 $0x21, Y8, Y2, Y9 \
	VPALIGNR $8, Y2, Y9, Y9 \
	VPMAXUD Y2, Y9, Y9 \
	VMOVDQA Y8, Y2 \
	VPERM2I128 $0x21, Y9, Y3, Y8 \
	VPMAXUD Y3, Y8, Y8 \
	VMOVDQA Y9, Y3 \
	VMOVDQA Y6, Y7 \
	VMOVDQA Y5, Y6 \
	VPMAXUD Y4, Y8, Y5 \
	VMOVDQA Y8, Y4

// func chooseAVX2(to *[pickMask + 1]uint32, text *[roomy]byte, eights int, mul uint32, packing *[256]uint64) (count int)
TEXT ·chooseAVX2(SB), NOSPLIT, $0-48
	MOVQ to+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ eights+16(FP), CX
	MOVQ packing+32(FP), R8
	VMOVDQU grams<>(SB), Y15
	MOVL mul+24(FP), AX
	VMOVD AX, X14
	VPBROADCASTD X14, Y14
	VPBROADCASTD placeMask<>(SB), Y13
	VMOVDQU numbers<>(SB), Y12
	VMOVDQU numbers<>(SB), Y10     // the windows
	VPCMPEQD Y11, Y11, Y11         // what the windows before select: nothing
	XORL BX, BX
	KEYS
	KEYS
	KEYS
	KEYS
	KEYS
	KEYS

windows:
	KEYS
	VPMAXUD Y7, Y5, Y0             // the greatest key of each window,
	VPAND Y13, Y0, Y0              // its place,
	VPSUBD Y10, Y0, Y8             // and that in the window:
	VPCMPGTD fifteen<>(SB), Y8, Y8
	VPSLLD $4, Y8, Y8              // -Window in its second half
	VPADDD Y8, Y0, Y0              // the place of the passage
	VPERM2I128 $0x21, Y0, Y11, Y9
	VPALIGNR $12, Y9, Y0, Y9       // that of the window before
	VMOVDQA Y0, Y11
	VPCMPEQD Y9, Y0, Y9
	VMOVMSKPS Y9, AX
	XORL $0xff, AX                 // those that select another one
	VPSLLD $16, Y10, Y9            // fromBits
	VPOR Y9, Y0, Y0
	VPMOVZXBD (R8)(AX*8), Y9
	VPERMD Y0, Y9, Y0
	VMOVDQU Y0, (DI)(BX*4)
	POPCNTL AX, AX
	ADDQ AX, BX
	VPADDD eight<>(SB), Y10, Y10
	DECQ CX
	JNZ windows
	VZEROUPPER
	MOVQ BX, count+40(FP)
	RET
