//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// RUNS has in three registers which of 32 bytes are ASCII letters or digits, or beyond ASCII, which are digits, and which end lines;
// and in Y6 and Y14 whether any so far was an '@' or a bracket.
#define RUNS(OFFSET, MASK, DIGITS, LINES) \
	VMOVDQU OFFSET(SI), Y0 \
	VPCMPEQB Y0, Y5, Y2 \
	VPOR Y2, Y6, Y6 \
	VPCMPEQB Y0, Y7, Y2 \
	VPMOVMSKB Y2, LINES \
	VPCMPEQB Y0, Y13, Y2 \
	VPOR Y2, Y14, Y14 \
	VPOR Y8, Y0, Y1 \
	VPCMPEQB Y1, Y15, Y2 \
	VPOR Y2, Y14, Y14 \
	VPSUBB Y9, Y1, Y1 \
	VPMINUB Y10, Y1, Y2 \
	VPCMPEQB Y1, Y2, Y1 \
	VPSUBB Y11, Y0, Y2 \
	VPMINUB Y12, Y2, Y3 \
	VPCMPEQB Y2, Y3, Y2 \
	VPMOVMSKB Y2, DIGITS \
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

// func runsWide(m *maps, text *byte, blocks int) (any uint64)
TEXT ·runsWide(SB), NOSPLIT, $0-32
	MOVQ m+0(FP), DX
	LEAQ maps_runs(DX), DI
	LEAQ maps_digits(DX), DX
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	EACH(0x20, X8, Y8)
	EACH(0x61, X9, Y9)    // a
	EACH(25, X10, Y10)
	EACH(0x30, X11, Y11)  // 0
	EACH(9, X12, Y12)
	EACH(0x40, X5, Y5)    // @
	EACH(0x0a, X7, Y7)    // end of a line
	EACH(0x29, X13, Y13)  // )
	EACH(0x7d, X15, Y15)  // } and, as a small letter is one, ]
	VPXOR Y6, Y6, Y6
	VPXOR Y14, Y14, Y14
	XORL R11, R11         // the bytes in which a gap of the block before goes on
	XORL R8, R8           // digits

block:
	RUNS(0, R9, R10, R12)
	RUNS(32, AX, BX, R13)
	SHLQ $32, R13
	ORQ R12, R13
	MOVQ R13, (maps_lines-maps_runs)(DI)
	SHLQ $32, AX
	ORQ R9, AX
	SHLQ $32, BX
	ORQ R10, BX
	MOVQ BX, (DX)
	ORQ BX, R8
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
	MOVQ AX, (DI)
	ADDQ $8, DI
	ADDQ $8, DX
	ADDQ $64, SI
	DECQ CX
	JNZ block

	MOVQ m+0(FP), DI
	VPMOVMSKB Y6, AX
	MOVL AX, maps_ats(DI)
	VPMOVMSKB Y14, AX
	MOVL AX, maps_brackets(DI)
	VZEROUPPER
	MOVQ R8, any+24(FP)
	RET

// func edgesWide(to *byte, runs, marks *[mapWords]uint64, blocks int, base uint64, places *[256]uint64) int
//
// In registers: DI and SI where places are put and where the block's are, R9 the runs, R11 the marks, R13 the edges, R10 whether the
// byte before is in a run.
TEXT ·edgesWide(SB), NOSPLIT, $0-56
	MOVQ to+0(FP), DI
	MOVQ runs+8(FP), R9
	MOVQ marks+16(FP), R11
	MOVQ blocks+24(FP), CX
	MOVQ places+40(FP), R8
	MOVQ base+32(FP), AX
	VMOVD AX, X6
	VPBROADCASTW X6, X6
	MOVL $8, AX
	VMOVD AX, X7
	VPBROADCASTW X7, X7
	XORL R10, R10

block:
	MOVQ (R9), DX
	LEAQ (DX)(DX*1), AX
	ORQ R10, AX
	MOVQ DX, R10
	SHRQ $63, R10
	XORQ DX, AX
	MOVQ AX, R13
	MOVQ DI, SI
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
	EDGES
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
	MOVQ DI, ret+48(FP)
	RET

mark:
	BSFQ AX, BX
	BLSRQ AX, AX
	BZHIQ BX, R13, DX
	POPCNTQ DX, DX
	ORB $(const_firm/256), 1(SI)(DX*2)
	TESTQ AX, AX
	JNZ mark
	JMP next


// CLASSES has in Y1 what 32 bytes are, bit by bit, by tables for the lower and the upper half of a byte: what is beyond ASCII is
// nothing.
#define CLASSES(OFFSET) \
	VMOVDQU OFFSET(SI), Y0 \
	VPSHUFB Y0, Y8, Y1 \
	VPSRLW $4, Y0, Y2 \
	VPAND Y10, Y2, Y2 \
	VPSHUFB Y2, Y9, Y2 \
	VPAND Y2, Y1, Y1

// INSIDE has in a register which of the bytes are of the two lowest classes, or beyond ASCII.
#define INSIDE(MASK) \
	VPSLLW $7, Y1, Y2 \
	VPSLLW $6, Y1, Y3 \
	VPOR Y2, Y0, Y0 \
	VPOR Y3, Y0, Y0 \
	VPMOVMSKB Y0, MASK

// CLASS has there which are of one class.
#define CLASS(SHIFT, MASK) \
	VPSLLW $SHIFT, Y1, Y2 \
	VPMOVMSKB Y2, MASK

// BOTH puts 64 bits of which the lower half is in R9 and the upper one in another register.
#define BOTH(UPPER, FIELD) \
	SHLQ $32, UPPER \
	ORQ R9, UPPER \
	MOVQ UPPER, FIELD(DI)

// By half a byte: 1 for blank ( ) - . /, 2 for _ and the byte zero, 4 for comma and tab, 8 for the point, 16 for the dash. Other
// bytes that are told so are of runs, or not usual.
DATA classes<>+0(SB)/8, $0x0000000000000003
DATA classes<>+8(SB)/8, $0x0309110400000501
DATA classes<>+16(SB)/8, $0x00000200001d0006
DATA classes<>+24(SB)/8, $0x0000000000000000
GLOBL classes<>(SB), RODATA|NOPTR, $32

// func classesWide(m *maps, text *byte, blocks int)
TEXT ·classesWide(SB), NOSPLIT, $0-24
	MOVQ m+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	VBROADCASTI128 classes<>+0(SB), Y8
	VBROADCASTI128 classes<>+16(SB), Y9
	EACH(15, X10, Y10)

block:
	CLASSES(0)
	INSIDE(R9)
	CLASS(5, R10)
	CLASS(4, R11)
	CLASS(3, R12)
	CLASSES(32)
	INSIDE(AX)
	BOTH(AX, maps_inside)
	CLASS(5, AX)
	MOVL R10, R9
	BOTH(AX, maps_years)
	CLASS(4, AX)
	MOVL R11, R9
	BOTH(AX, maps_points)
	CLASS(3, AX)
	MOVL R12, R9
	BOTH(AX, maps_dashes)
	ADDQ $8, DI
	ADDQ $64, SI
	DECQ CX
	JNZ block

	VZEROUPPER
	RET

// AHEAD has in a register the bits of a map, which lie in two, N places further on.
#define AHEAD(N, M, BITS, NEXT, TO) \
	VPSRLQ $N, BITS, TO \
	VPSLLQ $M, NEXT, Y15 \
	VPOR Y15, TO, TO

// BEHIND has in a register the bits of a map one place further on, and in another one's lowest word for the next four the last one.
#define BEHIND(BITS, LAST, TO) \
	VPERMQ $0x93, BITS, Y15 \
	VPBLENDD $0x03, LAST, Y15, TO \
	VMOVDQA Y15, LAST \
	VPSRLQ $63, TO, TO \
	VPADDQ BITS, BITS, Y15 \
	VPOR Y15, TO, TO

// func beginWide(m *maps, fours int)
//
// In registers: Y0 and Y1 the digits, and those a word further on, Y2 and Y3 so the runs, Y4 where runs begin, Y5 what is inside,
// Y6 where runs of digits begin, Y10 to Y12 the last words of runs, and of what is inside and before years.
TEXT ·beginWide(SB), NOSPLIT, $0-16
	MOVQ m+0(FP), DI
	MOVQ fours+8(FP), CX
	VPXOR Y10, Y10, Y10
	VPCMPEQD Y11, Y11, Y11
	VPCMPEQD Y12, Y12, Y12
	VPCMPEQD Y9, Y9, Y9

four:
	VMOVDQU maps_digits(DI), Y0
	VMOVDQU maps_digits+8(DI), Y1
	VMOVDQU maps_runs(DI), Y2
	VMOVDQU maps_runs+8(DI), Y3
	BEHIND(Y2, Y10, Y4)
	VPANDN Y2, Y4, Y4
	VMOVDQU maps_inside(DI), Y5
	BEHIND(Y5, Y11, Y7)
	VPAND Y0, Y4, Y6
	VPANDN Y6, Y7, Y6
	VMOVDQU Y6, maps_free(DI)
	VMOVDQU maps_years(DI), Y8
	BEHIND(Y8, Y12, Y7)
	VPANDN Y6, Y7, Y6
	VMOVDQU Y6, maps_fresh(DI)
	VPOR Y2, Y5, Y5
	VPXOR Y9, Y5, Y5
	VMOVDQU Y5, maps_ends(DI)
	AHEAD(1, 63, Y0, Y1, Y7)
	VMOVDQU maps_points(DI), Y8
	VPAND Y7, Y8, Y8
	VMOVDQU Y8, maps_points(DI)
	AHEAD(1, 63, Y2, Y3, Y8)
	VPANDN Y8, Y7, Y7       // a letter is second
	AHEAD(2, 62, Y0, Y1, Y8)
	VPAND Y8, Y7, Y7
	AHEAD(3, 61, Y0, Y1, Y8)
	VPAND Y8, Y7, Y7
	VPOR Y0, Y7, Y7
	VPAND Y4, Y7, Y7
	VMOVDQU Y7, maps_firm(DI)
	ADDQ $32, DI
	DECQ CX
	JNZ four

	VZEROUPPER
	RET

#define DIGITS(N, M) AHEAD(N, M, Y0, Y1, Y13)
#define ENDS(N, M) AHEAD(N, M, Y2, Y3, Y13)
#define POINTS(N, M) AHEAD(N, M, Y4, Y5, Y14)
#define DASHES(N, M) AHEAD(N, M, Y6, Y7, Y14)

// NUMBER adds those that end.
#define NUMBER(FROM) \
	VPAND FROM, Y13, Y13 \
	VPOR Y13, Y11, Y11

// MORE goes on with what has a digit or a point next.
#define MORE(N, M) \
	POINTS(N, M) \
	VPAND Y8, Y14, Y14 \
	VPAND Y10, Y14, Y14 \
	DIGITS(N, M) \
	VPAND Y13, Y9, Y9 \
	VPOR Y14, Y9, Y9 \
	VPAND Y13, Y8, Y8

#define MOREOFDAY(N, M) \
	MORE(N, M) \
	VPAND Y13, Y12, Y12

#define DASHOFDAY(N, M) \
	DASHES(N, M) \
	VPAND Y14, Y12, Y12

// func numbersWide(m *maps, fours int)
//
// In registers: Y0 and Y1 the digits, and those a word further on, Y2 to Y7 so the ends, points and dashes, Y8 where runs of digits
// begin that went on so far, Y9 those of them with a point, Y10 where amounts may begin, Y11 the amounts, Y12 the days.
TEXT ·numbersWide(SB), NOSPLIT, $0-16
	MOVQ m+0(FP), DI
	MOVQ fours+8(FP), CX

four:
	VMOVDQU maps_digits(DI), Y0
	VMOVDQU maps_digits+8(DI), Y1
	VMOVDQU maps_ends(DI), Y2
	VMOVDQU maps_ends+8(DI), Y3
	VMOVDQU maps_points(DI), Y4
	VMOVDQU maps_points+8(DI), Y5
	VMOVDQU maps_dashes(DI), Y6
	VMOVDQU maps_dashes+8(DI), Y7
	VMOVDQU maps_free(DI), Y8
	VMOVDQU maps_fresh(DI), Y10
	VPXOR Y9, Y9, Y9
	VPXOR Y11, Y11, Y11
	VMOVDQA Y10, Y12

	ENDS(1, 63)
	NUMBER(Y8)
	MOREOFDAY(1, 63)
	ENDS(2, 62)
	VPAND Y10, Y13, Y13
	NUMBER(Y8)
	MOREOFDAY(2, 62)
	ENDS(3, 61)
	VPOR Y8, Y9, Y14
	NUMBER(Y14)
	MOREOFDAY(3, 61)
	ENDS(4, 60)
	VPAND Y10, Y8, Y14
	VPOR Y14, Y9, Y14
	NUMBER(Y14)
	MORE(4, 60)
	DASHOFDAY(4, 60)
	ENDS(5, 59)
	VPOR Y8, Y9, Y14
	NUMBER(Y14)
	MOREOFDAY(5, 59)
	ENDS(6, 58)
	VPOR Y8, Y9, Y14
	NUMBER(Y14)
	MOREOFDAY(6, 58)
	ENDS(7, 57)
	VPOR Y8, Y9, Y14
	NUMBER(Y14)
	MORE(7, 57)
	DASHOFDAY(7, 57)
	ENDS(8, 56)
	NUMBER(Y9)
	DIGITS(8, 56)
	VPAND Y13, Y12, Y12
	DIGITS(9, 55)
	VPAND Y13, Y12, Y12
	ENDS(10, 54)
	VPAND Y13, Y12, Y12

	VMOVDQU Y11, maps_amount(DI)
	VMOVDQU Y12, maps_days(DI)
	ADDQ $32, DI
	DECQ CX
	JNZ four

	VZEROUPPER
	RET

// DAY settles the first of the days that are left in AX, if there are any: it takes it out of R15 if it is not remembered.
#define DAY \
	TZCNTQ AX, BX \
	VMOVDQU (SI)(BX*1), X0 \
	VPSHUFB X8, X0, X0 \
	VPAND X9, X0, X0 \
	VPMADDUBSW X10, X0, X0 \
	VPMAXUW X11, X0, X0 \
	VPMINUW X12, X0, X0 \
	VPMADDWD X13, X0, X0 \
	VMOVQ X0, DX \
	MOVL DX, BX \
	SHRQ $32, DX \
	IMULL $const_yearBits, BX \
	LEAL -(const_firstYear*const_yearBits)(BX)(DX*1), DX \
	MOVL DX, R8 \
	SHRL $6, R8 \
	MOVQ (R9)(R8*8), R8 \
	BLSIQ AX, BX \
	BTQ DX, R8 \
	CMOVQCS R12, BX \
	XORQ BX, R15 \
	BLSRQ AX, AX

// func passWide(m *maps, text *byte, blocks int, set *daySet, weights *dayWeights) (n int)
//
// Most blocks of a table have two days at most: two are settled at once, since how many there are cannot be foretold.
//
// In registers: DI the maps, SI the text, CX the blocks left, R9 the days that are remembered, R12 zero, R13 how many there were,
// AX the days of a block that are left, R15 those that are remembered, R10 what of the last block's lies in the next, R11 the carry of
// the amounts and the borrow of the days, in its bits 0 and 1.
TEXT ·passWide(SB), NOSPLIT, $0-48
	MOVQ weights+32(FP), AX
	VMOVDQU dayWeights_digits(AX), X8
	VMOVDQU dayWeights_values(AX), X9
	VMOVDQU dayWeights_pairs(AX), X10
	VMOVDQU dayWeights_least(AX), X11
	VMOVDQU dayWeights_most(AX), X12
	VMOVDQU dayWeights_parts(AX), X13
	MOVQ m+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ set+24(FP), R9
	XORL R12, R12
	XORL R13, R13
	XORL R10, R10
	XORL R11, R11

block:
	MOVQ maps_days(DI), AX
	MOVQ AX, R15
	TESTQ AX, AX
	JEQ settled

two:
	DAY
	DAY
	TESTQ AX, AX
	JNE two
	MOVQ R15, maps_days(DI)
	POPCNTQ R15, AX
	ADDQ AX, R13

settled:
	MOVQ maps_digits(DI), AX
	ORQ maps_points(DI), AX // what numbers and amounts are written with
	MOVQ maps_amount(DI), BX
	SHRQ $1, R11            // the carry
	ADCQ AX, BX             // goes from where an amount begins to its end
	SETCS R8
	NOTQ AX
	ORQ AX, BX
	MOVQ R15, DX
	SHLQ $const_isoSize, DX
	ORQ R10, DX
	SHRQ $1, R11
	SBBQ R15, DX            // and a borrow from where a day ends to its beginning
	SETCS R11
	ANDNQ BX, DX, BX
	ANDQ BX, maps_runs(DI)
	ANDQ BX, maps_firm(DI)
	MOVQ R15, R10
	SHRQ $(const_mapBits-const_isoSize), R10
	MOVBLZX R11, R11
	MOVBLZX R8, R8
	LEAQ (R8)(R11*2), R11
	ADDQ $8, DI
	ADDQ $64, SI
	DECQ CX
	JNE block

	SHRQ $1, R11
	SUBQ R11, R10           // what of a last day is in the next block
	NOTQ R10
	ANDQ R10, maps_runs(DI)
	ANDQ R10, maps_firm(DI)
	MOVQ R13, n+40(FP)
	RET
