//go:build !purego

#include "go_asm.h"
#include "textflag.h"

DATA capitals<>+0(SB)/8, $0x2020202020202020
DATA capitals<>+8(SB)/8, $0x2020202020202020
GLOBL capitals<>(SB), RODATA|NOPTR, $16

// SMALL has sixteen bytes with the capitals of ASCII as small letters.
#define SMALL(OFFSET) \
	VMOVDQU OFFSET(R8)(BX*1), X0 \
	VPSRLW $2, X0, X2 \
	VPANDN X14, X2, X2 \
	VPOR X2, X0, X0

// HASH is wordBlock of sixteen bytes to which the key is added.
#define HASH \
	VMOVQ X1, DX \
	VPEXTRQ $1, X1, BX \
	MULXQ BX, DX, BX \
	XORQ BX, DX \
	ORQ $1, DX

// func wordsWide(borders *byte, runs int, text *byte, raws *uint64, wait *reading, dates int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64, room *[2][waitRoom]uint32) (taken, waits int)
//
// In registers: SI the borders, R8 the text, DI and R12 the readings, R14 twice their number, R9 what is remembered, R11 the masks,
// X12 the key, X13 a reading without its place, R10 where the runs' places and their sizes lie, times sixteen, CX which of them it is,
// R13 how many of them may be words.
TEXT ·wordsWide(SB), NOSPLIT, $0-96
	MOVQ borders+0(FP), SI
	MOVQ runs+8(FP), R13
	MOVQ room+72(FP), R10
	VPCMPEQD Y11, Y11, Y11
	VPSRLD $16, Y11, Y11
	VPXOR Y10, Y10, Y10
	XORL CX, CX

eight:
	VMOVDQU (SI)(CX*4), Y2
	VPAND Y11, Y2, Y3
	VPSRLD $16, Y2, Y4
	VPSUBD Y3, Y4, Y4
	VPSRLD $5, Y4, Y5       // 0: neither very long, nor firm, nor put aside
	VPCMPEQD Y10, Y5, Y5
	VPSLLD $4, Y4, Y4
	VMOVDQU Y3, (R10)(CX*4)
	VMOVDQU Y4, (const_waitRoom*4)(R10)(CX*4)
	VMOVMSKPS Y5, AX
	XORL $0xff, AX
	JNZ other
	ADDQ $8, CX
	CMPQ CX, R13
	JB eight
	JMP counted

other:
	BSFL AX, AX
	ADDQ AX, CX
	CMPQ CX, R13
	CMOVQLT CX, R13

counted:
	XORL CX, CX
	XORL R14, R14
	TESTQ R13, R13
	JEQ done
	MOVQ text+16(FP), R8
	MOVQ raws+24(FP), DI
	MOVQ wait+32(FP), R12
	MOVQ dates+40(FP), AX
	VPXOR X13, X13, X13
	VPINSRD $(reading_dates/4), AX, X13, X13
	MOVQ misses+48(FP), R9
	MOVQ key+56(FP), AX
	VMOVDQU (AX), X12
	MOVQ masks+64(FP), R11
	VMOVDQU capitals<>(SB), X14
	MOVL $(64-const_slotBits), R15
	PCALIGN $64

run:
	MOVL (R10)(CX*4), BX
	MOVL (const_waitRoom*4)(R10)(CX*4), AX
	SMALL(0)
	CMPL AX, $(const_wordBlock*16)
	JAE long
	VPAND (R11)(AX*1), X0, X0
	VPXOR X12, X0, X1
	HASH
	MOVQ DX, (DI)(R14*4)
	VPINSRD $(reading_span/4), (SI)(CX*4), X13, X1
	VMOVDQU X1, (R12)(R14*8)
	SHRXQ R15, DX, BX
	XORL AX, AX
	CMPW (R9)(BX*2), DX
	SETNE AX                // 0: it is remembered
	VPMOVMSKB X0, BX        // 0: it is all ASCII
	IMULL AX, BX
	TESTL BX, BX
	JNE done
	LEAQ (R14)(AX*2), R14
	INCQ CX
	CMPQ CX, R13
	JB run
	JMP done

long: // it is passed over if it is remembered
	VPXOR X12, X0, X1
	SMALL(16)
	VPAND (-const_wordBlock*16)(R11)(AX*1), X0, X0
	HASH
	VMOVQ DX, X1
	VPXOR X1, X0, X0
	VPXOR X12, X0, X1
	HASH
	SHRXQ R15, DX, BX
	CMPW (R9)(BX*2), DX
	JNE done
	INCQ CX
	CMPQ CX, R13
	JB run

done:
	VZEROUPPER
	MOVQ CX, taken+80(FP)
	SHRQ $1, R14
	MOVQ R14, waits+88(FP)
	RET
