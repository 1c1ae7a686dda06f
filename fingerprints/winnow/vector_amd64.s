//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"

// the four bytes from each of four places
DATA grams<>+0(SB)/8, $0x0403020103020100
DATA grams<>+8(SB)/8, $0x0605040305040302
DATA grams<>+16(SB)/8, $0x0403020103020100
DATA grams<>+24(SB)/8, $0x0605040305040302
GLOBL grams<>(SB), RODATA|NOPTR, $32

DATA numbers<>+0(SB)/8, $0x0000000100000000
DATA numbers<>+8(SB)/8, $0x0000000300000002
DATA numbers<>+16(SB)/8, $0x0000000100000000
DATA numbers<>+24(SB)/8, $0x0000000300000002
GLOBL numbers<>(SB), RODATA|NOPTR, $32

DATA four<>+0(SB)/8, $0x0000000400000004
DATA four<>+8(SB)/8, $0x0000000400000004
DATA four<>+16(SB)/8, $0x0000000400000004
DATA four<>+24(SB)/8, $0x0000000400000004
GLOBL four<>(SB), RODATA|NOPTR, $32

// ^placeMask
DATA orders<>+0(SB)/8, $0xfffffc00fffffc00
DATA orders<>+8(SB)/8, $0xfffffc00fffffc00
DATA orders<>+16(SB)/8, $0xfffffc00fffffc00
DATA orders<>+24(SB)/8, $0xfffffc00fffffc00
GLOBL orders<>(SB), RODATA|NOPTR, $32

// placeMask
DATA places<>+0(SB)/8, $0x000003ff000003ff
DATA places<>+8(SB)/8, $0x000003ff000003ff
DATA places<>+16(SB)/8, $0x000003ff000003ff
DATA places<>+24(SB)/8, $0x000003ff000003ff
GLOBL places<>(SB), RODATA|NOPTR, $32

// Window-1 less the distance of 36 between a gram and the windows that are finished when it comes
DATA half<>+0(SB)/8, $0xffffffebffffffeb
DATA half<>+8(SB)/8, $0xffffffebffffffeb
DATA half<>+16(SB)/8, $0xffffffebffffffeb
DATA half<>+24(SB)/8, $0xffffffebffffffeb
GLOBL half<>(SB), RODATA|NOPTR, $32

DATA nibbles<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibbles<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibbles<>+16(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibbles<>+24(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL nibbles<>(SB), RODATA|NOPTR, $32

DATA join<>+0(SB)/8, $0x1001100110011001
DATA join<>+8(SB)/8, $0x1001100110011001
DATA join<>+16(SB)/8, $0x1001100110011001
DATA join<>+24(SB)/8, $0x1001100110011001
GLOBL join<>(SB), RODATA|NOPTR, $32

// scramble times 8, which is one bit more than is cut off
DATA scramble8<>+0(SB)/8, $0xf1bbcdcbfa53e0a8
GLOBL scramble8<>(SB), RODATA|NOPTR, $8

DATA eight16<>+0(SB)/8, $0x0008000800080008
DATA eight16<>+8(SB)/8, $0x0008000800080008
GLOBL eight16<>(SB), RODATA|NOPTR, $16


// KEYS makes the next four keys of each half in Y0, and from the ones before the greatest of ever longer runs that begin at
// each place. A run of twice the length is two runs, of which the second begins where the first one ends: so each vector is
// one or more behind those that it is made of. Kept are the last keys in Y12, the greatest of the last runs of two grams in
// Y11 and of four in Y10, of the last two of eight in EIGHTS, and of the last four of sixteen in SIXTEENS. Y0 becomes the
// greatest of the 32 grams from 36 before the newest ones.
#define KEYS(EIGHTS, SIXTEENS) \
	VMOVDQU (SI), X0 \
	VINSERTI128 $1, (SI)(R9*1), Y0, Y0 \
	ADDQ $4, SI \
	VPSHUFB Y15, Y0, Y0 \
	VPMULLD Y14, Y0, Y0 \
	VPAND orders<>(SB), Y0, Y0 \
	VPOR Y13, Y0, Y0 \
	VPALIGNR $4, Y12, Y0, Y1 \
	VPMAXUD Y12, Y1, Y1 \
	VMOVDQA Y0, Y12 \
	VPALIGNR $8, Y11, Y1, Y2 \
	VPMAXUD Y11, Y2, Y2 \
	VMOVDQA Y1, Y11 \
	VPMAXUD Y10, Y2, Y0 \
	VMOVDQA Y2, Y10 \
	VPMAXUD EIGHTS, Y0, Y1 \
	VMOVDQA Y0, EIGHTS \
	VPMAXUD SIXTEENS, Y1, Y0 \
	VMOVDQA Y1, SIXTEENS

// NEXT is for the places of the next ones.
#define NEXT VPADDD four<>(SB), Y13, Y13

// WINDOWS writes what four windows of each half select, and a bit for each that does not select what the one before does.
#define WINDOWS(EIGHTS, SIXTEENS, OFFSET) \
	KEYS(EIGHTS, SIXTEENS) \
	VPAND places<>(SB), Y0, Y0 \
	VPSUBD Y13, Y0, Y1 \
	VPCMPGTD half<>(SB), Y1, Y1 \
	VPSLLD $4, Y1, Y1 \
	VPADDD Y1, Y0, Y0 \
	VPALIGNR $12, Y3, Y0, Y1 \
	VMOVDQA Y0, Y3 \
	VMOVDQU X0, (4*OFFSET)(DI) \
	VEXTRACTI128 $1, Y0, (4*OFFSET)(DI)(R9*4) \
	VPCMPEQD Y1, Y0, Y1 \
	VMOVMSKPS Y1, AX \
	MOVB AX, (OFFSET/4)(R11) \
	NEXT

// PACK appends the numbers of the windows that the next two bytes tell of.
#define PACK(OFFSET) \
	MOVWLZX (OFFSET)(R11), AX \
	VPADDW (R8)(AX*1), X0, X1 \
	VMOVDQU X1, (DX)(BX*2) \
	POPCNTL AX, AX \
	ADDQ AX, BX \
	VPADDW X15, X0, X0

// func chooseAVX2(from *[room]uint16, at *[room]uint32, text *[roomy]byte, half int, mul uint32, packing *[256][8]uint16) (count int)
TEXT ·chooseAVX2(SB), NOSPLIT, $512-56
	MOVQ at+8(FP), DI
	MOVQ text+16(FP), SI
	MOVQ half+24(FP), R9
	VMOVDQU grams<>(SB), Y15     // the places of two halves of the windows, in the halves of each vector
	MOVL mul+32(FP), AX
	VMOVD AX, X14
	VPBROADCASTD X14, Y14
	VMOVDQU numbers<>(SB), Y13
	VMOVD R9, X0
	VPBROADCASTD X0, X0
	VPXOR Y1, Y1, Y1
	VINSERTI128 $1, X0, Y1, Y0
	VPADDD Y0, Y13, Y13
	VPCMPEQD Y3, Y3, Y3          // what the windows before select: nothing
	LEAQ masks-512(SP), R11
	MOVQ R9, CX
	KEYS(Y8, Y4)
	NEXT
	KEYS(Y9, Y5)
	NEXT
	KEYS(Y8, Y6)
	NEXT
	KEYS(Y9, Y7)
	NEXT
	KEYS(Y8, Y4)
	NEXT
	KEYS(Y9, Y5)
	NEXT
	KEYS(Y8, Y6)
	NEXT
	KEYS(Y9, Y7)
	NEXT
	KEYS(Y8, Y4)
	NEXT

windows:
	WINDOWS(Y9, Y5, 0)
	WINDOWS(Y8, Y6, 4)
	WINDOWS(Y9, Y7, 8)
	WINDOWS(Y8, Y4, 12)
	ADDQ $64, DI
	ADDQ $4, R11
	SUBQ $16, CX
	JNZ windows

	// The window before the second half's first one is the first half's last.
	MOVQ at+8(FP), DI
	MOVL -4(DI)(R9*4), AX
	CMPL AX, (DI)(R9*4)
	JNE apart
	ORB $0x10, masks-512(SP)

apart:
	// Of each byte four bits are the first half's. Two bytes become one for each half, times the size of the table's entries.
	LEAQ masks-512(SP), R11
	MOVQ R9, CX
	VMOVDQU nibbles<>(SB), Y2
	VMOVDQU join<>(SB), Y3

nibbles:
	VMOVDQU (R11), Y0
	VPSRLW $4, Y0, Y1
	VPANDN Y2, Y0, Y0
	VPANDN Y2, Y1, Y1
	VPMADDUBSW Y3, Y0, Y0
	VPMADDUBSW Y3, Y1, Y1
	VPSLLW $4, Y0, Y0
	VPSLLW $4, Y1, Y1
	VMOVDQU Y0, (R11)
	VMOVDQU Y1, 256(R11)
	ADDQ $32, R11
	SUBQ $128, CX
	JGT nibbles

	MOVQ from+0(FP), DX
	MOVQ packing+40(FP), R8
	XORL BX, BX
	LEAQ masks-512(SP), R11
	VPXOR X0, X0, X0             // the number of windows before
	VMOVDQU eight16<>(SB), X15
	MOVQ R9, CX

first:
	PACK(0)
	PACK(2)
	ADDQ $4, R11
	SUBQ $16, CX
	JNZ first
	LEAQ masks-256(SP), R11
	MOVQ R9, CX

second:
	PACK(0)
	PACK(2)
	ADDQ $4, R11
	SUBQ $16, CX
	JNZ second
	VZEROUPPER
	MOVQ BX, count+48(FP)
	RET

// func hashBMI2(out *Print, w *workspace, from *uint16, n int, first int64, before uint64, secret *[3]uint64, ahead *uint64, words uint64) (again uint64)
TEXT ·hashBMI2(SB), NOSPLIT, $0-80
	MOVQ out+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ from+16(FP), R8
	MOVQ n+24(FP), CX
	LEAQ (R8)(CX*2), CX
	MOVQ secret+48(FP), AX
	MOVQ 0(AX), R10
	MOVQ 8(AX), R11
	MOVQ 16(AX), R12
	MOVQ $0x00ffffffffffffff, R13
	MOVQ before+40(FP), R9
	XORL R14, R14

passage:
	MOVWLZX (R8), AX
	ADDQ $2, R8
	MOVL workspace_at(SI)(AX*4), AX
	ANDL $0x3ff, AX
	MOVQ workspace_text(SI)(AX*1), BX          // the numbers of its bytes, seven by seven
	MOVQ (workspace_text+7)(SI)(AX*1), DX
	ANDQ R13, BX
	ANDQ R13, DX
	ADDQ R10, BX
	ADDQ R11, DX
	MULXQ BX, BX, R15            // (x+f)(y+g)
	MOVQ (workspace_text+12)(SI)(AX*1), DX
	SHRQ $8, DX
	ADDQ first+32(FP), AX
	MOVQ AX, 8(DI)
	MULXQ R12, AX, DX            // zh
	ADDQ AX, BX
	ADCQ DX, R15
	MOVQ BX, DX                  // modulo prime
	SHRQ $61, DX
	LEAQ (DX)(R15*8), DX
	MOVQ $0x1fffffffffffffff, AX
	ANDQ AX, BX
	ADDQ BX, DX
	ANDQ DX, AX
	SHRQ $61, DX
	ADDQ DX, AX
	MOVQ AX, DX                  // scrambled
	SHRQ $31, DX
	XORQ DX, AX
	IMULQ scramble8<>(SB), AX
	SHRQ $4, AX
	MOVQ AX, (DI)
	ADDQ $16, DI
	XORQ AX, R9                  // whether it is the one before
	SUBQ $1, R9
	ADCQ $0, R14
	MOVQ AX, R9
	CMPQ R8, CX
	JNE passage
	MOVQ R14, again+72(FP)

	// Words are fetched with nothing between, so that as many as can be are waited for side by side.
	MOVQ out+0(FP), SI
	MOVQ words+64(FP), R9
	MOVQ ahead+56(FP), R10

fetch:
	MOVQ (SI), AX
	ADDQ $16, SI
	SHRQ $28, AX
	IMULQ R9, AX
	SHRQ $32, AX
	PREFETCHT0 (R10)(AX*8)
	CMPQ SI, DI
	JNE fetch
	RET

// func siftBMI2(passed *uint32, prints *Print, n int, first uint32, words *uint64, size uint64, marks *[1024]uint64) (count int)
TEXT ·siftBMI2(SB), NOSPLIT, $0-64
	MOVQ passed+0(FP), DI
	MOVQ prints+8(FP), SI
	MOVQ n+16(FP), CX
	MOVL first+24(FP), R8
	MOVQ words+32(FP), R9
	MOVQ size+40(FP), R10
	MOVQ marks+48(FP), R11
	MOVQ DI, R12
	MOVL $0x1ff8, R13

print:
	MOVQ (SI), AX
	ADDQ $16, SI
	MOVL R8, (DI)
	INCL R8
	MOVQ AX, DX
	SHRQ $28, AX
	IMULQ R10, AX
	SHRQ $32, AX
	SHRQ $7, DX                  // ten bits above the lowest ten, times eight
	ANDQ R13, DX
	MOVQ (R9)(AX*8), AX
	ANDNQ (R11)(DX*1), AX, AX
	CMPQ AX, $1                  // carry if no bit is missing
	SBBQ AX, AX
	ANDQ $4, AX
	ADDQ AX, DI
	DECQ CX
	JNZ print
	SUBQ R12, DI
	SHRQ $2, DI
	MOVQ DI, count+56(FP)
	RET
