//go:build !purego

#include "go_asm.h"
#include "textflag.h"

DATA capitals<>+0(SB)/8, $0x2020202020202020
DATA capitals<>+8(SB)/8, $0x2020202020202020
GLOBL capitals<>(SB), RODATA|NOPTR, $16

// func wordsWide(borders *byte, runs int, text *byte, raws *uint64, wait *reading, dates int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64) (taken, waits int)
//
// In registers: SI and R10 the borders and their end, R8 the text, DI and R12 the readings, R14 twice their number, R9 what is
// remembered, R11 the masks, R13 and R15 the key, X13 a reading without its place, AX a run's size.
TEXT ·wordsWide(SB), NOSPLIT, $0-88
	MOVQ borders+0(FP), SI
	MOVQ runs+8(FP), R10
	LEAQ (SI)(R10*4), R10
	MOVQ text+16(FP), R8
	MOVQ raws+24(FP), DI
	MOVQ wait+32(FP), R12
	MOVQ dates+40(FP), AX
	VPXOR X13, X13, X13
	VPINSRD $(reading_dates/4), AX, X13, X13
	MOVQ misses+48(FP), R9
	MOVQ key+56(FP), AX
	MOVQ 0(AX), R13
	MOVQ 8(AX), R15
	MOVQ masks+64(FP), R11
	VMOVDQU capitals<>(SB), X14
	XORL R14, R14

run:
	CMPQ SI, R10
	JAE done
	MOVL (SI), AX
	MOVWLZX AX, BX
	SHRL $16, AX
	SUBL BX, AX
	CMPL AX, $16
	JAE done                // long, or put aside
	VMOVDQU (R8)(BX*1), X0
	VPSRLW $2, X0, X1
	VPANDN X14, X1, X1      // where there may be capitals
	VPOR X1, X0, X0
	SHLL $4, AX
	VPAND (R11)(AX*1), X0, X0
	VMOVQ X0, DX
	TESTL $0x40, DX
	JEQ done                // begins with a digit
	MOVL DX, AX
	ANDL $const_accountMask, AX
	CMPL AX, $const_accountForm
	JEQ done
	VPEXTRQ $1, X0, BX
	VPMOVMSKB X0, CX        // 0: it is all ASCII
	XORQ R13, DX
	XORQ R15, BX
	MULXQ BX, DX, BX
	XORQ BX, DX
	ORQ $1, DX
	MOVQ DX, (DI)(R14*4)
	VPINSRD $(reading_span/4), (SI), X13, X1
	VMOVDQU X1, (R12)(R14*8)
	MOVQ DX, BX
	SHRQ $(64-const_slotBits), BX
	MOVWLZX (R9)(BX*2), BX
	MOVWLZX DX, DX
	SUBL DX, BX             // 0: it is remembered
	NEGL BX
	SBBL AX, AX             // -1: it is not
	TESTL AX, CX
	JNE done
	ANDL $2, AX
	ADDQ AX, R14
	ADDQ $4, SI
	JMP run

done:
	SUBQ borders+0(FP), SI
	SHRQ $2, SI
	MOVQ SI, taken+72(FP)
	SHRQ $1, R14
	MOVQ R14, waits+80(FP)
	RET
