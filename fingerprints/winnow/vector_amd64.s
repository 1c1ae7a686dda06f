//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"

// the four bytes from each of four even places, and from odd ones
DATA even<>+0(SB)/8, $0x0504030203020100
DATA even<>+8(SB)/8, $0x0908070607060504
DATA even<>+16(SB)/8, $0x0504030203020100
DATA even<>+24(SB)/8, $0x0908070607060504
GLOBL even<>(SB), RODATA|NOPTR, $32

DATA odd<>+0(SB)/8, $0x0605040304030201
DATA odd<>+8(SB)/8, $0x0a09080708070605
DATA odd<>+16(SB)/8, $0x0605040304030201
DATA odd<>+24(SB)/8, $0x0a09080708070605
GLOBL odd<>(SB), RODATA|NOPTR, $32

DATA numbers<>+0(SB)/8, $0x0003000200010000
DATA numbers<>+8(SB)/8, $0x0007000600050004
DATA numbers<>+16(SB)/8, $0x0003000200010000
DATA numbers<>+24(SB)/8, $0x0007000600050004
GLOBL numbers<>(SB), RODATA|NOPTR, $32

// ^(span-1)
DATA ranks<>+0(SB)/8, $0xffe0ffe0ffe0ffe0
DATA ranks<>+8(SB)/8, $0xffe0ffe0ffe0ffe0
DATA ranks<>+16(SB)/8, $0xffe0ffe0ffe0ffe0
DATA ranks<>+24(SB)/8, $0xffe0ffe0ffe0ffe0
GLOBL ranks<>(SB), RODATA|NOPTR, $32

DATA one<>+0(SB)/8, $0x0001000100010001
DATA one<>+8(SB)/8, $0x0001000100010001
DATA one<>+16(SB)/8, $0x0001000100010001
DATA one<>+24(SB)/8, $0x0001000100010001
GLOBL one<>(SB), RODATA|NOPTR, $32

DATA two<>+0(SB)/8, $0x0002000200020002
DATA two<>+8(SB)/8, $0x0002000200020002
DATA two<>+16(SB)/8, $0x0002000200020002
DATA two<>+24(SB)/8, $0x0002000200020002
GLOBL two<>(SB), RODATA|NOPTR, $32

DATA four<>+0(SB)/8, $0x0004000400040004
DATA four<>+8(SB)/8, $0x0004000400040004
DATA four<>+16(SB)/8, $0x0004000400040004
DATA four<>+24(SB)/8, $0x0004000400040004
GLOBL four<>(SB), RODATA|NOPTR, $32

DATA eight<>+0(SB)/8, $0x0008000800080008
DATA eight<>+8(SB)/8, $0x0008000800080008
DATA eight<>+16(SB)/8, $0x0008000800080008
DATA eight<>+24(SB)/8, $0x0008000800080008
GLOBL eight<>(SB), RODATA|NOPTR, $32

DATA sixteen<>+0(SB)/8, $0x0010001000100010
DATA sixteen<>+8(SB)/8, $0x0010001000100010
DATA sixteen<>+16(SB)/8, $0x0010001000100010
DATA sixteen<>+24(SB)/8, $0x0010001000100010
GLOBL sixteen<>(SB), RODATA|NOPTR, $32

// Window-1
DATA inside<>+0(SB)/8, $0x000f000f000f000f
DATA inside<>+8(SB)/8, $0x000f000f000f000f
DATA inside<>+16(SB)/8, $0x000f000f000f000f
DATA inside<>+24(SB)/8, $0x000f000f000f000f
GLOBL inside<>(SB), RODATA|NOPTR, $32

// eight times ten bits, where a filter's marks are told
DATA marks<>+0(SB)/8, $0x00001ff800000000
DATA marks<>+8(SB)/8, $0x00001ff800000000
DATA marks<>+16(SB)/8, $0x00001ff800000000
DATA marks<>+24(SB)/8, $0x00001ff800000000
GLOBL marks<>(SB), RODATA|NOPTR, $32

// RANKS makes in K the keys of the next eight grams of each half: a rank, and below it room for how far a gram lies from the
// beginning of a run of grams.
#define RANKS(OFFSET, K) \
	VMOVDQU OFFSET(SI), X0 \
	VINSERTI128 $1, OFFSET(SI)(R9*1), Y0, Y0 \
	VPSHUFB even<>(SB), Y0, Y1 \
	VPSHUFB odd<>(SB), Y0, Y0 \
	VPMULLD Y15, Y1, Y1 \
	VPMULLD Y15, Y0, Y0 \
	VPSRLD $16, Y1, Y1 \
	VPBLENDW $0xaa, Y0, Y1, Y1 \
	VPAND ranks<>(SB), Y1, K

// From the greatest of the runs of grams that begin at each place are made those of the runs of twice the length. Such a run
// is two, of which the second begins where the first one ends: so each vector is one or more behind those that it is made of.
#define TWOS(BEFORE, KEYS, TO) \
	VPALIGNR $2, BEFORE, KEYS, Y0 \
	VPOR one<>(SB), Y0, Y0 \
	VPMAXUW BEFORE, Y0, TO

#define FOURS(BEFORE, TWOS, TO) \
	VPALIGNR $4, BEFORE, TWOS, Y0 \
	VPOR two<>(SB), Y0, Y0 \
	VPMAXUW BEFORE, Y0, TO

#define EIGHTS(BEFORE, FOURS, TO) \
	VPALIGNR $8, BEFORE, FOURS, Y0 \
	VPOR four<>(SB), Y0, Y0 \
	VPMAXUW BEFORE, Y0, TO

#define SIXTEENS(BEFORE, EIGHTS, TO) \
	VPOR eight<>(SB), EIGHTS, Y0 \
	VPMAXUW BEFORE, Y0, TO

// WINDOWS writes what eight windows of each half select, and makes in SAME all bits of each that selects what the one before
// does. SIXTEEN has the runs of sixteen of the vector before the one before, and becomes that of the new ones.
#define WINDOWS(OFFSET, SIXTEEN, BEFORE, EIGHTS, SAME) \
	SIXTEENS(BEFORE, EIGHTS, Y0) \
	VPOR sixteen<>(SB), Y0, Y1 \
	VPMAXUW SIXTEEN, Y1, Y1 \
	VMOVDQA Y0, SIXTEEN \
	VPAND inside<>(SB), Y1, Y1 \
	VPADDW Y14, Y1, Y1 \
	VPADDW eight<>(SB), Y14, Y14 \
	VMOVDQU X1, (2*OFFSET)(DI) \
	VEXTRACTI128 $1, Y1, (2*OFFSET)(DI)(R9*2) \
	VPALIGNR $14, Y12, Y1, Y0 \
	VMOVDQA Y1, Y12 \
	VPCMPEQW Y0, Y1, SAME

// FETCH has a word fetched that the filter is asked for.
#define FETCH(OFFSET) \
	MOVL (8*OFFSET)(R12), AX \
	PREFETCHT0 (R13)(AX*8)

// CHOSEN writes the place of a window that selects another passage, the first one of those of which AX has bits.
#define CHOSEN(OFFSET) \
	TZCNTQ AX, CX \
	MOVWLZX (DI)(CX*2), CX \
	BLSRQ AX, AX \
	MOVW CX, OFFSET(DX)

// func chooseAVX2(chosen *[room]uint16, at *[roomy]uint16, text *[roomy]byte, half int, mul uint32, asked *[room]uint64, ahead *uint64) (count int)
TEXT ·chooseAVX2(SB), NOSPLIT, $136-64
	MOVQ at+8(FP), DI
	MOVQ text+16(FP), SI
	MOVQ half+24(FP), R9
	MOVL mul+32(FP), AX
	VMOVD AX, X15                // two halves of the windows are in the halves of each vector
	VPBROADCASTD X15, Y15
	VMOVD R9, X0
	VPBROADCASTW X0, X0
	VPXOR Y1, Y1, Y1
	VINSERTI128 $1, X0, Y1, Y0
	VPADDW numbers<>(SB), Y0, Y14
	VPCMPEQD Y12, Y12, Y12       // what the windows before select: nothing
	LEAQ masks-136(SP), R11
	MOVQ asked+40(FP), R12
	MOVQ ahead+48(FP), R13
	MOVQ R9, CX
	MOVQ R9, BX
	SHRQ $3, BX
	RANKS(0, Y2)
	RANKS(8, Y3)
	TWOS(Y2, Y3, Y4)
	RANKS(16, Y2)
	TWOS(Y3, Y2, Y5)
	FOURS(Y4, Y5, Y6)
	RANKS(24, Y3)
	TWOS(Y2, Y3, Y4)
	FOURS(Y5, Y4, Y7)
	EIGHTS(Y6, Y7, Y8)
	RANKS(32, Y2)
	TWOS(Y3, Y2, Y5)
	FOURS(Y4, Y5, Y6)
	EIGHTS(Y7, Y6, Y9)
	SIXTEENS(Y8, Y9, Y10)
	RANKS(40, Y3)
	TWOS(Y2, Y3, Y4)
	FOURS(Y5, Y4, Y7)
	EIGHTS(Y6, Y7, Y8)
	SIXTEENS(Y9, Y8, Y11)
	RANKS(48, Y2)
	TWOS(Y3, Y2, Y5)
	FOURS(Y4, Y5, Y6)
	EIGHTS(Y7, Y6, Y9)
	RANKS(56, Y3)
	TWOS(Y2, Y3, Y4)
	FOURS(Y5, Y4, Y7)
	RANKS(64, Y2)
	TWOS(Y3, Y2, Y5)
	RANKS(72, Y3)

windows:
	// The other way round than it comes about, so that nothing waits for what has only just been begun.
	WINDOWS(0, Y10, Y8, Y9, Y13)
	EIGHTS(Y6, Y7, Y8)
	FOURS(Y4, Y5, Y6)
	TWOS(Y2, Y3, Y4)
	RANKS(80, Y2)
	FETCH(0)
	WINDOWS(8, Y11, Y9, Y8, Y0)
	VPACKSSWB Y0, Y13, Y0
	VPMOVMSKB Y0, AX
	NOTL AX
	MOVW AX, (R11)
	SHRL $16, AX
	MOVW AX, (R11)(BX*1)
	EIGHTS(Y7, Y6, Y9)
	FOURS(Y5, Y4, Y7)
	TWOS(Y3, Y2, Y5)
	RANKS(88, Y3)
	FETCH(1)
	FETCH(2)
	ADDQ $16, SI
	ADDQ $24, R12
	ADDQ $32, DI
	ADDQ $2, R11
	SUBQ $16, CX
	JNZ windows

	VZEROUPPER

	// The window before the second half's first one is the first half's last.
	MOVQ at+8(FP), DI
	MOVWLZX -2(DI)(R9*2), AX
	CMPW AX, (DI)(R9*2)
	JNE apart
	ANDB $0xfe, masks-136(SP)(BX*1)

apart:
	LEAQ masks-136(SP), R11
	MOVL $0, (R11)(BX*2)         // windows there are none of
	MOVQ chosen+0(FP), DX
	SHLQ $1, R9

changes:
	MOVQ (R11), AX
	POPCNTQ AX, BX
	CHOSEN(0)
	CHOSEN(2)
	CHOSEN(4)
	CHOSEN(6)
	CHOSEN(8)
	CHOSEN(10)
	CHOSEN(12)
	CHOSEN(14)
	TESTQ AX, AX
	JNZ more

next:
	LEAQ (DX)(BX*2), DX
	ADDQ $8, R11
	ADDQ $128, DI
	SUBQ $64, R9
	JGT changes
	SUBQ chosen+0(FP), DX
	SHRQ $1, DX
	MOVQ DX, count+56(FP)
	RET

more:                            // hardly ever
	LEAQ 16(DX), R8

another:
	TZCNTQ AX, CX
	MOVWLZX (DI)(CX*2), CX
	MOVW CX, (R8)
	ADDQ $2, R8
	BLSRQ AX, AX
	JNZ another
	JMP next

// SUM makes one of the two sums of a hash, of the four numbers in Y0, Y1, Y3 and Y4 and the fifth in the lower halves of Y2, of
// which the upper halves count. To those of TO are still to be added both halves of ACROSS and the fifth number times the upper
// half of its secret one.
#define SUM(KEYS, TO, ACROSS) \
	VPADDQ (KEYS+0)(R10), Y0, Y5 \
	VPADDQ (KEYS+32)(R10), Y1, Y6 \
	VPMULUDQ Y5, Y6, TO \
	VPSHUFD $0xb1, Y6, Y6 \
	VPMULLD Y5, Y6, ACROSS \
	VPADDQ (KEYS+64)(R10), Y3, Y5 \
	VPADDQ (KEYS+96)(R10), Y4, Y7 \
	VPMULUDQ Y5, Y7, Y8 \
	VPSHUFD $0xb1, Y7, Y7 \
	VPMULLD Y5, Y7, Y7 \
	VPADDQ (KEYS+160)(R10), TO, TO \
	VPADDQ Y8, TO, TO \
	VPADDD Y7, ACROSS, ACROSS \
	VPMULUDQ (KEYS+128)(R10), Y2, Y5 \
	VPADDQ Y5, TO, TO

// HASH writes four prints and what is asked of the filter for them. Y13 has the last four hashes, the fourth one first, and Y11
// which of the new ones are the same as the one before.
#define HASH \
	VPOR Y11, Y15, Y15 \
	MOVWLZX 0(R8)(CX*2), AX \
	MOVWLZX 2(R8)(CX*2), BX \
	MOVWLZX 4(R8)(CX*2), DX \
	MOVWLZX 6(R8)(CX*2), SI \
	VMOVDQU (R13)(AX*1), X0 \
	VINSERTI128 $1, (R13)(DX*1), Y0, Y0 \
	VMOVDQU (R13)(BX*1), X1 \
	VINSERTI128 $1, (R13)(SI*1), Y1, Y1 \
	VMOVQ 16(R13)(AX*1), X2 \
	VMOVHPS 16(R13)(BX*1), X2, X2 \
	VMOVQ 16(R13)(DX*1), X3 \
	VMOVHPS 16(R13)(SI*1), X3, X3 \
	VINSERTI128 $1, X3, Y2, Y2 \
	VPXOR Y5, Y5, Y5 \
	VPUNPCKHQDQ Y1, Y0, Y3 \
	VPUNPCKLQDQ Y1, Y0, Y0 \
	VPSRLQ $32, Y3, Y4 \
	VPBLENDD $0xaa, Y5, Y3, Y3 \
	VPSRLQ $32, Y0, Y1 \
	VPBLENDD $0xaa, Y5, Y0, Y0 \
	SUM(0, Y9, Y11) \
	SUM(192, Y10, Y6) \
	VPSHUFD $0xa0, Y2, Y2 \
	VPMULLD 384(R10), Y2, Y2 \
	VPBLENDD $0xaa, Y11, Y6, Y5 \
	VPBLENDD $0xaa, Y6, Y11, Y6 \
	VPSHUFD $0xb1, Y6, Y6 \
	VPADDD Y2, Y5, Y5 \
	VPADDD Y6, Y5, Y5 \
	VPSRLQ $32, Y10, Y10 \
	VPBLENDD $0xaa, Y9, Y10, Y10 \
	VPADDD Y5, Y10, Y10 \
	VPSRLQ $32, Y10, Y11 \
	VPSRLQ $4, Y10, Y10 \
	VPMOVZXWQ (R8)(CX*2), Y0 \
	VPADDQ Y12, Y0, Y0 \
	VPUNPCKLQDQ Y0, Y10, Y1 \
	VPUNPCKHQDQ Y0, Y10, Y2 \
	VMOVDQU X1, 0(DI) \
	VMOVDQU X2, 16(DI) \
	VEXTRACTI128 $1, Y1, 32(DI) \
	VEXTRACTI128 $1, Y2, 48(DI) \
	VPMULUDQ Y14, Y11, Y11 \
	VPSLLQ $25, Y10, Y9 \
	VPSRLQ $32, Y11, Y11 \
	VPAND marks<>(SB), Y9, Y9 \
	VPOR Y9, Y11, Y11 \
	VMOVDQU Y11, (R11)(CX*8) \
	VPERMQ $0x93, Y10, Y9 \
	VPBLENDD $0x03, Y13, Y9, Y11 \
	VMOVDQA Y9, Y13 \
	VPCMPEQQ Y11, Y10, Y11

// SIFTED appends the number of a print if the filter has all its bits.
#define SIFTED(N) \
	MOVL (8*N)(R11)(CX*8), AX \
	MOVL (8*N+4)(R11)(CX*8), DX \
	MOVQ (R9)(AX*8), AX \
	ANDNQ (R12)(DX*1), AX, AX \
	LEAL N(CX), DX \
	MOVL DX, (R15)(R14*4) \
	CMPQ AX, $1 \
	ADCQ $0, R14

// func hashAVX2(out *Print, text *[roomy]byte, chosen *uint16, n int, first int64, before uint64, keys *lanes, asked *[room]uint64, size uint64, words *uint64, marks *[1024]uint64, passed *uint32, waiting int) (again uint64, count int)
TEXT ·hashAVX2(SB), NOSPLIT, $0-120
	MOVQ out+0(FP), DI
	MOVQ text+8(FP), R13
	MOVQ chosen+16(FP), R8
	VPBROADCASTQ first+32(FP), Y12
	VPBROADCASTQ before+40(FP), Y13
	MOVQ keys+48(FP), R10
	MOVQ asked+56(FP), R11
	VPBROADCASTQ size+64(FP), Y14
	MOVQ words+72(FP), R9
	MOVQ marks+80(FP), R12
	MOVQ passed+88(FP), R15
	VPXOR Y15, Y15, Y15          // whether any is the one before
	VPXOR Y11, Y11, Y11          // of the last four
	XORL CX, CX
	XORL R14, R14
	JMP more

both:
	SIFTED(0)
	SIFTED(1)
	SIFTED(2)
	SIFTED(3)
	HASH
	ADDQ $64, DI
	ADDQ $4, CX
	CMPQ CX, n+24(FP)
	JGE done

more:
	CMPQ CX, waiting+96(FP)
	JLT both

alone:
	HASH
	ADDQ $64, DI
	ADDQ $4, CX
	CMPQ CX, n+24(FP)
	JLT alone

done:
	SUBQ n+24(FP), CX            // of the last four those that are too many
	SHLQ $2, CX
	MOVL $0x137f, BX
	SHRL CX, BX
	VMOVMSKPD Y11, AX
	ANDL BX, AX
	ANDL $0xf, AX
	VMOVMSKPD Y15, BX
	ORL BX, AX
	MOVQ AX, again+104(FP)
	MOVQ R14, count+112(FP)
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
