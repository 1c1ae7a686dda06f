//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"

// the four bytes from each of sixteen even places, and from odd ones
DATA evens<>+0(SB)/8, $0x0504030203020100
DATA evens<>+8(SB)/8, $0x0908070607060504
DATA evens<>+16(SB)/8, $0x0d0c0b0a0b0a0908
DATA evens<>+24(SB)/8, $0x11100f0e0f0e0d0c
DATA evens<>+32(SB)/8, $0x1514131213121110
DATA evens<>+40(SB)/8, $0x1918171617161514
DATA evens<>+48(SB)/8, $0x1d1c1b1a1b1a1918
DATA evens<>+56(SB)/8, $0x21201f1e1f1e1d1c
GLOBL evens<>(SB), RODATA|NOPTR, $64

DATA odds<>+0(SB)/8, $0x0605040304030201
DATA odds<>+8(SB)/8, $0x0a09080708070605
DATA odds<>+16(SB)/8, $0x0e0d0c0b0c0b0a09
DATA odds<>+24(SB)/8, $0x1211100f100f0e0d
DATA odds<>+32(SB)/8, $0x1615141314131211
DATA odds<>+40(SB)/8, $0x1a19181718171615
DATA odds<>+48(SB)/8, $0x1e1d1c1b1c1b1a19
DATA odds<>+56(SB)/8, $0x2221201f201f1e1d
GLOBL odds<>(SB), RODATA|NOPTR, $64

// the upper halves of sixteen numbers and of sixteen others, by turns
DATA uppers<>+0(SB)/8, $0x0023000300210001
DATA uppers<>+8(SB)/8, $0x0027000700250005
DATA uppers<>+16(SB)/8, $0x002b000b00290009
DATA uppers<>+24(SB)/8, $0x002f000f002d000d
DATA uppers<>+32(SB)/8, $0x0033001300310011
DATA uppers<>+40(SB)/8, $0x0037001700350015
DATA uppers<>+48(SB)/8, $0x003b001b00390019
DATA uppers<>+56(SB)/8, $0x003f001f003d001d
GLOBL uppers<>(SB), RODATA|NOPTR, $64

// of two vectors the last word of the first, and all but the last of the second
DATA behind<>+0(SB)/8, $0x002200210020001f
DATA behind<>+8(SB)/8, $0x0026002500240023
DATA behind<>+16(SB)/8, $0x002a002900280027
DATA behind<>+24(SB)/8, $0x002e002d002c002b
DATA behind<>+32(SB)/8, $0x003200310030002f
DATA behind<>+40(SB)/8, $0x0036003500340033
DATA behind<>+48(SB)/8, $0x003a003900380037
DATA behind<>+56(SB)/8, $0x003e003d003c003b
GLOBL behind<>(SB), RODATA|NOPTR, $64

DATA first<>+0(SB)/8, $0x0003000200010000
DATA first<>+8(SB)/8, $0x0007000600050004
DATA first<>+16(SB)/8, $0x000b000a00090008
DATA first<>+24(SB)/8, $0x000f000e000d000c
DATA first<>+32(SB)/8, $0x0013001200110010
DATA first<>+40(SB)/8, $0x0017001600150014
DATA first<>+48(SB)/8, $0x001b001a00190018
DATA first<>+56(SB)/8, $0x001f001e001d001c
GLOBL first<>(SB), RODATA|NOPTR, $64

// KEYS makes in K the keys of 32 grams: a rank, and below it room for how far a gram lies from the beginning of a run of grams.
#define KEYS(OFFSET, EVENS, ODDS, K) \
	VMOVDQU64 OFFSET(SI), Z0 \
	VPERMB Z0, EVENS, K \
	VPERMB Z0, ODDS, Z2 \
	VPMULLD Z31, K, K \
	VPMULLD Z31, Z2, Z2 \
	VPERMT2W Z2, Z18, K \
	VPANDD Z27, K, K

// RUNS makes from the greatest of the runs of grams that end at each place those of the runs of twice the length: such a run is two,
// of which the first one ends where the second begins. AT is where in LAST, those of the vector before, it stands.
#define RUNS(AT, LAST, NEW, FURTHER, TO) \
	VALIGND $AT, LAST, NEW, Z0 \
	VPORD FURTHER, NEW, TO \
	VMOVDQA64 NEW, LAST \
	VPMAXUW Z0, TO, TO

// Of what is made of each vector a part is made while others are made of those behind it, so that nothing waits for what has only
// just been begun: keys in Z1, runs of four in Z3, and of sixteen in Z5.
#define FOURS \
	VPERMT2W Z1, Z19, Z10 \
	VPORD Z26, Z1, Z2 \
	VPMAXUW Z10, Z2, Z2 \
	VMOVDQA64 Z1, Z10 \
	RUNS(15, Z11, Z2, Z25, Z3)

#define SIXTEENS \
	RUNS(14, Z12, Z3, Z24, Z4) \
	RUNS(12, Z13, Z4, Z23, Z5)

// FETCH has a word fetched that the filter is asked for.
#define FETCH(OFFSET) \
	MOVL (8*OFFSET)(R12), AX \
	PREFETCHT0 (R13)(AX*8)

#define EACH(WORD, Z) \
	MOVL $WORD, AX \
	VPBROADCASTW AX, Z

// func choose512(chosen *[room]uint16, at *[roomy]uint16, text *[roomy]byte, windows int, mul uint32, asked *[room]uint64, ahead *uint64) (count int)
//
// In registers: Z10 to Z14 the runs of one to sixteen grams that end in the vector before, Z15 what its windows select, Z30 the places
// of the next windows.
TEXT ·choose512(SB), NOSPLIT, $0-64
	MOVQ chosen+0(FP), DX
	MOVQ at+8(FP), DI
	MOVQ text+16(FP), SI
	MOVQ windows+24(FP), R9
	MOVL mul+32(FP), AX
	VPBROADCASTD AX, Z31
	MOVQ asked+40(FP), R12
	MOVQ ahead+48(FP), R13
	VMOVDQU64 first<>(SB), Z30
	VMOVDQU64 evens<>(SB), Z29
	VMOVDQU64 odds<>(SB), Z28
	VMOVDQU64 behind<>(SB), Z19
	VMOVDQU64 uppers<>(SB), Z18
	EACH(0xffe0, Z27)            // ^(span-1)
	EACH(1, Z26)
	EACH(2, Z25)
	EACH(4, Z24)
	EACH(8, Z23)
	EACH(16, Z22)
	EACH(15, Z21)                // Window-1
	EACH(32, Z20)
	VPTERNLOGD $0xff, Z15, Z15, Z15 // nothing is selected before

	// Of the first vector only the last 31 grams are in a window: it has those in front of the second, and one before the text.
	MOVL $1, AX
	VPBROADCASTB AX, Z2
	VPSUBB Z2, Z29, Z3
	VPSUBB Z2, Z28, Z4
	KEYS(0, Z3, Z4, Z1)
	FOURS
	KEYS(31, Z29, Z28, Z1)
	SIXTEENS
	VMOVDQA64 Z5, Z14
	FOURS
	KEYS(63, Z29, Z28, Z1)
	SIXTEENS
	FOURS
	KEYS(95, Z29, Z28, Z1)
	LEAQ (const_roomy-31-64)(SI), R8 // what is read lies in the text
	ADDQ $96, SI
	XORL R10, R10

windows:
	RUNS(8, Z14, Z5, Z22, Z6)
	FETCH(0)
	SIXTEENS
	FETCH(1)
	VPANDD Z21, Z6, Z6
	VPADDW Z30, Z6, Z6
	FETCH(2)
	VPADDW Z20, Z30, Z30
	VMOVDQU64 Z6, (DI)
	VPERMT2W Z6, Z19, Z15
	VPCMPUW $4, Z15, Z6, K1      // another one
	VMOVDQA64 Z6, Z15
	FOURS
	CMPQ SI, R8
	CMOVQHI R8, SI
	KEYS(31, Z29, Z28, Z1)
	SUBQ $32, R9
	JLT last

some:
	KMOVD K1, AX
	VPCOMPRESSW.Z Z6, K1, Z7
	VMOVDQU64 Z7, (DX)(R10*2)
	POPCNTL AX, AX
	ADDQ AX, R10
	ADDQ $32, SI
	ADDQ $24, R12
	ADDQ $64, DI
	TESTQ R9, R9
	JGT windows
	VZEROUPPER
	MOVQ R10, count+56(FP)
	RET

last:                            // of which there are not 32
	LEAQ 32(R9), CX
	MOVL $-1, AX
	BZHIL CX, AX, AX
	KMOVD AX, K2
	KANDD K2, K1, K1
	JMP some
