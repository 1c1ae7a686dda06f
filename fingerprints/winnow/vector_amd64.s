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

// eight times ten bits, where a filter's marks are told
DATA marks<>+0(SB)/8, $0x00001ff800000000
DATA marks<>+8(SB)/8, $0x00001ff800000000
DATA marks<>+16(SB)/8, $0x00001ff800000000
DATA marks<>+24(SB)/8, $0x00001ff800000000
GLOBL marks<>(SB), RODATA|NOPTR, $32

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

// FETCH has a word fetched that the filter is asked for.
#define FETCH(OFFSET) \
	MOVL (8*OFFSET)(R12), AX \
	PREFETCHT0 (R13)(AX*8)

// PACK appends the numbers of the windows that the next two bytes tell of.
#define PACK(OFFSET) \
	MOVWLZX (OFFSET)(R11), AX \
	VPADDW (R8)(AX*1), X0, X1 \
	VMOVDQU X1, (DX)(BX*2) \
	POPCNTL AX, AX \
	ADDQ AX, BX \
	VPADDW X15, X0, X0

// func chooseAVX2(from *[room]uint16, at *[room]uint32, text *[roomy]byte, half int, mul uint32, packing *[256][8]uint16, asked *[room]uint64, ahead *uint64) (count int)
TEXT ·chooseAVX2(SB), NOSPLIT, $512-72
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
	MOVQ asked+48(FP), R12
	MOVQ ahead+56(FP), R13
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
	FETCH(0)
	WINDOWS(Y8, Y6, 4)
	FETCH(1)
	WINDOWS(Y9, Y7, 8)
	FETCH(2)
	WINDOWS(Y8, Y4, 12)
	ADDQ $24, R12
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
	MOVQ BX, count+64(FP)
	RET

// SUM makes in the upper halves of TO one of the two sums of a hash, of the four numbers in Y0, Y1, Y3 and Y4 and the fifth in
// the lower halves of Y2. Of the products' upper halves only the sums of 32 bits count that do not carry into them.
#define SUM(KEYS, TO) \
	VPADDQ (KEYS+0)(R10), Y0, Y5 \
	VPADDQ (KEYS+32)(R10), Y1, Y6 \
	VPMULUDQ Y5, Y6, TO \
	VPSHUFD $0xb1, Y6, Y6 \
	VPMULLD Y5, Y6, Y6 \
	VPADDQ (KEYS+64)(R10), Y3, Y5 \
	VPADDQ (KEYS+96)(R10), Y4, Y7 \
	VPMULUDQ Y5, Y7, Y8 \
	VPSHUFD $0xb1, Y7, Y7 \
	VPMULLD Y5, Y7, Y7 \
	VPADDQ (KEYS+192)(R10), TO, TO \
	VPADDQ Y8, TO, TO \
	VPADDD Y7, Y6, Y6 \
	VPMULUDQ (KEYS+128)(R10), Y2, Y5 \
	VPMULLD (KEYS+160)(R10), Y2, Y7 \
	VPADDQ Y5, TO, TO \
	VPADDD Y7, Y6, Y6 \
	VPSHUFD $0xb1, Y6, Y5 \
	VPADDD Y5, Y6, Y6 \
	VPADDD Y6, TO, TO

// func hashAVX2(out *Print, text *[roomy]byte, w *workspace, from *uint16, n int, first int64, before uint64, keys *lanes, words uint64) (again uint64)
TEXT ·hashAVX2(SB), NOSPLIT, $0-80
	MOVQ out+0(FP), DI
	MOVQ text+8(FP), R13
	MOVQ w+16(FP), SI
	MOVQ from+24(FP), R8
	MOVQ n+32(FP), CX
	MOVQ first+40(FP), R9
	MOVQ keys+56(FP), R10
	LEAQ workspace_asked(SI), R11
	VPBROADCASTQ before+48(FP), Y13
	VPBROADCASTQ words+64(FP), Y14
	VPXOR Y15, Y15, Y15
	VPXOR Y12, Y12, Y12          // whether any is the one before
	VPXOR Y11, Y11, Y11          // of the last four

passages:
	VPOR Y11, Y12, Y12
	MOVWLZX 0(R8), AX
	MOVWLZX 2(R8), BX
	MOVWLZX 4(R8), DX
	MOVWLZX 6(R8), R12
	MOVL workspace_at(SI)(AX*4), AX
	MOVL workspace_at(SI)(BX*4), BX
	MOVL workspace_at(SI)(DX*4), DX
	MOVL workspace_at(SI)(R12*4), R12
	ANDL $0x3ff, AX
	ANDL $0x3ff, BX
	ANDL $0x3ff, DX
	ANDL $0x3ff, R12
	VMOVDQU (R13)(AX*1), X0
	VINSERTI128 $1, (R13)(BX*1), Y0, Y0
	VMOVDQU (R13)(DX*1), X1
	VINSERTI128 $1, (R13)(R12*1), Y1, Y1
	VMOVQ 16(R13)(AX*1), X2
	VMOVHPS 16(R13)(DX*1), X2, X2
	VMOVQ 16(R13)(BX*1), X3
	VMOVHPS 16(R13)(R12*1), X3, X3
	VINSERTI128 $1, X3, Y2, Y2   // in the order of the first, third, second and fourth
	ADDQ R9, AX
	ADDQ R9, BX
	ADDQ R9, DX
	ADDQ R9, R12
	MOVQ AX, 8(DI)
	MOVQ BX, 24(DI)
	MOVQ DX, 40(DI)
	MOVQ R12, 56(DI)
	VPUNPCKHQDQ Y1, Y0, Y3
	VPUNPCKLQDQ Y1, Y0, Y0
	VPSRLQ $32, Y3, Y4
	VPBLENDD $0xaa, Y15, Y3, Y3
	VPSRLQ $32, Y0, Y1
	VPBLENDD $0xaa, Y15, Y0, Y0
	SUM(0, Y9)
	SUM(224, Y10)
	VPSRLQ $32, Y10, Y10
	VPSRLQ $32, Y9, Y11
	VPBLENDD $0xaa, Y9, Y10, Y10
	VPSRLQ $4, Y10, Y10
	VMOVQ X10, 0(DI)
	VMOVHPS X10, 32(DI)
	VEXTRACTI128 $1, Y10, X9
	VMOVQ X9, 16(DI)
	VMOVHPS X9, 48(DI)
	VPMULUDQ Y14, Y11, Y11       // the word
	VPSLLQ $25, Y10, Y9          // and the marks
	VPSRLQ $32, Y11, Y11
	VPAND marks<>(SB), Y9, Y9
	VPOR Y9, Y11, Y11
	VPERMQ $0xd8, Y11, Y11
	VMOVDQU Y11, (R11)
	VPERMQ $0x4b, Y10, Y9        // the ones before
	VPBLENDD $0x03, Y13, Y9, Y11
	VMOVDQA Y9, Y13
	VPCMPEQQ Y11, Y10, Y11
	ADDQ $8, R8
	ADDQ $64, DI
	ADDQ $32, R11
	SUBQ $4, CX
	JGT passages
	NEGQ CX                      // of the last four those that are too many
	SHLQ $2, CX
	MOVL $0x157f, BX
	SHRL CX, BX
	VMOVMSKPD Y11, AX
	ANDL BX, AX
	ANDL $0xf, AX
	VMOVMSKPD Y12, BX
	ORL BX, AX
	MOVQ AX, again+72(FP)
	VZEROUPPER
	RET

// func fetch(asked *uint64, n int, words *uint64)
TEXT ·fetch(SB), NOSPLIT, $0-24
	MOVQ asked+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ words+16(FP), R9

fetch:
	MOVL (SI), AX
	ADDQ $8, SI
	PREFETCHT0 (R9)(AX*8)
	DECQ CX
	JNZ fetch
	RET

// func siftBMI2(passed *uint32, asked *uint64, n int, first uint32, words *uint64, marks *[1024]uint64) (count int)
TEXT ·siftBMI2(SB), NOSPLIT, $0-56
	MOVQ passed+0(FP), DI
	MOVQ asked+8(FP), SI
	MOVQ n+16(FP), CX
	MOVL first+24(FP), R8
	MOVQ words+32(FP), R9
	MOVQ marks+40(FP), R11
	XORL BX, BX

print:
	MOVL 0(SI), AX
	MOVL 4(SI), DX
	ADDQ $8, SI
	MOVQ (R9)(AX*8), AX
	ANDNQ (R11)(DX*1), AX, AX
	MOVL R8, (DI)(BX*4)
	INCL R8
	CMPQ AX, $1                  // carry if no bit is missing
	ADCQ $0, BX
	DECQ CX
	JNZ print
	MOVQ BX, count+48(FP)
	RET
