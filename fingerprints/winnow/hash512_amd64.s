//go:build amd64 && !purego

#include "textflag.h"

#define EIGHT(name, a, b, c, d, e, f, g, h) \
	DATA name+0(SB)/8, $a \
	DATA name+8(SB)/8, $b \
	DATA name+16(SB)/8, $c \
	DATA name+24(SB)/8, $d \
	DATA name+32(SB)/8, $e \
	DATA name+40(SB)/8, $f \
	DATA name+48(SB)/8, $g \
	DATA name+56(SB)/8, $h \
	GLOBL name(SB), RODATA|NOPTR, $64

// Of four passages, two in each of two vectors, the first words and the second ones, and the third ones.
EIGHT(words<>, 0, 4, 8, 12, 1, 5, 9, 13)
EIGHT(thirds<>, 2, 6, 10, 14, 2, 6, 10, 14)

// Of two vectors the first four and the last four by turns.
EIGHT(turns<>, 0, 8, 1, 9, 2, 10, 3, 11)
EIGHT(others<>, 4, 12, 5, 13, 6, 14, 7, 15)

DATA eights<>+0(SB)/8, $0x0000000100000000
DATA eights<>+8(SB)/8, $0x0000000300000002
DATA eights<>+16(SB)/8, $0x0000000500000004
DATA eights<>+24(SB)/8, $0x0000000700000006
GLOBL eights<>(SB), RODATA|NOPTR, $32

// TWO has 32 bytes each of the text of two passages.
#define TWO(AT, Y, Z) \
	MOVWLZX (AT)(R8)(CX*2), AX \
	MOVWLZX (AT+2)(R8)(CX*2), BX \
	VMOVDQU (R13)(AX*1), Y \
	VINSERTI64X4 $1, (R13)(BX*1), Z, Z

// HASH writes eight prints and what is asked of the filter for them. Z18 has the last eight hashes, and K1 tells which of the new
// ones are the same as the one before.
#define HASH \
	KORW K1, K2, K2 \
	TWO(0, Y0, Z0) \
	TWO(4, Y1, Z1) \
	TWO(8, Y2, Z2) \
	TWO(12, Y3, Z3) \
	VMOVDQA64 Z17, Z4 \
	VPERMI2Q Z1, Z0, Z4 \
	VMOVDQA64 Z17, Z5 \
	VPERMI2Q Z3, Z2, Z5 \
	VPERMT2Q Z1, Z16, Z0 \
	VPERMT2Q Z3, Z16, Z2 \
	VSHUFI64X2 $0x44, Z5, Z4, Z1 \
	VSHUFI64X2 $0xee, Z5, Z4, Z3 \
	VSHUFI64X2 $0x44, Z2, Z0, Z0 \
	VPSRLQ $32, Z1, Z2 \
	VPANDQ Z22, Z1, Z1 \
	VPSRLQ $32, Z3, Z4 \
	VPANDQ Z22, Z3, Z3 \
	VPANDQ Z22, Z0, Z0 \
	VPADDQ Z31, Z1, Z5 \
	VPADDQ Z30, Z2, Z6 \
	VPMULLQ Z6, Z5, Z5 \
	VPADDQ Z29, Z1, Z1 \
	VPADDQ Z28, Z2, Z2 \
	VPMULLQ Z2, Z1, Z1 \
	VPADDQ Z29, Z3, Z7 \
	VPADDQ Z28, Z4, Z8 \
	VPMULLQ Z8, Z7, Z7 \
	VPADDQ Z27, Z3, Z3 \
	VPADDQ Z26, Z4, Z4 \
	VPMULLQ Z4, Z3, Z3 \
	VPMULLQ Z27, Z0, Z8 \
	VPMULLQ Z25, Z0, Z0 \
	VPADDQ Z24, Z5, Z5 \
	VPADDQ Z7, Z8, Z8 \
	VPADDQ Z23, Z1, Z1 \
	VPADDQ Z3, Z0, Z0 \
	VPADDQ Z8, Z5, Z5 \
	VPADDQ Z1, Z0, Z0 \
	VPSRLQ $32, Z0, Z0 \
	VPTERNLOGQ $0xf4, Z22, Z5, Z0 \
	VPSRLQ $32, Z0, Z4 \
	VPSRLQ $4, Z0, Z0 \
	VPMOVZXWQ (R8)(CX*2), Z1 \
	VPADDQ Z19, Z1, Z1 \
	VMOVDQA64 Z15, Z2 \
	VPERMI2Q Z1, Z0, Z2 \
	VMOVDQA64 Z14, Z3 \
	VPERMI2Q Z1, Z0, Z3 \
	VMOVDQU64 Z2, (DI) \
	VMOVDQU64 Z3, 64(DI) \
	VPSLLQ $25, Z0, Z6 \
	VPMULUDQ Z20, Z4, Z4 \
	VPSRLQ $32, Z4, Z4 \
	VPTERNLOGQ $0xf8, Z21, Z6, Z4 \
	VMOVDQU64 Z4, (R11)(CX*8) \
	VALIGNQ $7, Z18, Z0, Z5 \
	VMOVDQA64 Z0, Z18 \
	VPCMPEQQ Z5, Z0, K1

// SIFTED puts a bit to those in BX: 1, if the filter has all bits of a print.
#define SIFTED(N) \
	MOVL (8*N)(R11)(CX*8), AX \
	MOVL (8*N+4)(R11)(CX*8), DX \
	MOVQ (R9)(AX*8), AX \
	ANDNQ (R12)(DX*1), AX, AX \
	CMPQ AX, $1 \
	ADCL BX, BX

// func hash512(out *Print, text *[roomy]byte, chosen *uint16, n int, first int64, before uint64, keys *lanes, asked *[room]uint64, size uint64, words *uint64, marks *[1024]uint64, passed *uint32, waiting int) (again uint64, count int)
TEXT ·hash512(SB), NOSPLIT, $0-120
	MOVQ out+0(FP), DI
	MOVQ text+8(FP), R13
	MOVQ chosen+16(FP), R8
	VPBROADCASTQ first+32(FP), Z19
	VPBROADCASTQ before+40(FP), Z18
	MOVQ keys+48(FP), R10
	VPBROADCASTQ 0(R10), Z31     // b to h
	VPBROADCASTQ 32(R10), Z30
	VPBROADCASTQ 64(R10), Z29
	VPBROADCASTQ 96(R10), Z28
	VPBROADCASTQ 128(R10), Z27
	VPBROADCASTQ 288(R10), Z26
	VPBROADCASTQ 320(R10), Z25
	VPBROADCASTQ 160(R10), Z24   // and a of both sums
	VPBROADCASTQ 352(R10), Z23
	VPTERNLOGD $0xff, Z22, Z22, Z22
	VPSRLQ $32, Z22, Z22
	MOVQ $0x00001ff800000000, AX // eight times ten bits, where a filter's marks are told
	VPBROADCASTQ AX, Z21
	VPBROADCASTQ size+64(FP), Z20
	VMOVDQU64 words<>(SB), Z17
	VMOVDQU64 thirds<>(SB), Z16
	VMOVDQU64 turns<>(SB), Z15
	VMOVDQU64 others<>(SB), Z14
	VMOVDQU eights<>(SB), Y13    // the numbers of the next ones
	MOVL $8, AX
	VPBROADCASTD AX, Y12
	MOVQ asked+56(FP), R11
	MOVQ words+72(FP), R9
	MOVQ marks+80(FP), R12
	MOVQ passed+88(FP), R15
	KXORW K1, K1, K1             // of the last eight
	KXORW K2, K2, K2             // whether any is the one before
	XORL CX, CX
	XORL R14, R14
	JMP more

both:
	XORL BX, BX
	SIFTED(7)
	SIFTED(6)
	SIFTED(5)
	SIFTED(4)
	SIFTED(3)
	SIFTED(2)
	SIFTED(1)
	SIFTED(0)
	KMOVW BX, K3
	VPCOMPRESSD.Z Y13, K3, Y11
	VMOVDQU Y11, (R15)(R14*4)
	POPCNTL BX, BX
	ADDQ BX, R14
	VPADDD Y12, Y13, Y13
	HASH
	SUBQ $-128, DI
	ADDQ $8, CX
	CMPQ CX, n+24(FP)
	JGE done

more:
	CMPQ CX, waiting+96(FP)
	JLT both

alone:
	HASH
	SUBQ $-128, DI
	ADDQ $8, CX
	CMPQ CX, n+24(FP)
	JLT alone

done:
	SUBQ n+24(FP), CX            // of the last eight those that are too many
	KMOVW K1, AX
	MOVL $0xff, BX
	SHRL CX, BX
	ANDL BX, AX
	KMOVW K2, BX
	ORL BX, AX
	MOVQ AX, again+104(FP)
	MOVQ R14, count+112(FP)
	VZEROUPPER
	RET
