//go:build !purego

#include "go_asm.h"
#include "textflag.h"

DATA capitals<>+0(SB)/8, $0x2020202020202020
DATA capitals<>+8(SB)/8, $0x2020202020202020
GLOBL capitals<>(SB), RODATA|NOPTR, $16

// func wordsWide(borders *byte, runs int, text *byte, wait *reading, room int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64) (taken, waits int)
//
// In registers: SI and R10 the borders and their end, R8 the text, DI and R12 where a reading is put and the last place for one,
// R9 what is remembered, R11 the masks, R13 and R15 the key, AX a run's borders, CX its size.
TEXT ·wordsWide(SB), NOSPLIT, $0-80
	MOVQ borders+0(FP), SI
	MOVQ runs+8(FP), R10
	LEAQ (SI)(R10*4), R10
	MOVQ text+16(FP), R8
	MOVQ wait+24(FP), DI
	MOVQ room+32(FP), R12
	IMULQ $reading__size, R12
	ADDQ DI, R12
	MOVQ misses+40(FP), R9
	MOVQ key+48(FP), AX
	MOVQ 0(AX), R13
	MOVQ 8(AX), R15
	MOVQ masks+56(FP), R11
	VMOVDQU capitals<>(SB), X14

run:
	CMPQ SI, R10
	JAE done
	CMPQ DI, R12
	JAE done
	MOVL (SI), AX
	MOVWLZX AX, BX
	MOVL AX, CX
	SHRL $16, CX
	SUBL BX, CX
	CMPL CX, $16
	JAE done                // long, or put aside
	VMOVDQU (R8)(BX*1), X0
	VPSRLW $2, X0, X1
	VPANDN X14, X1, X1      // where there may be capitals
	VPOR X1, X0, X0
	MOVL CX, DX
	SHLL $4, DX
	VPAND (R11)(DX*1), X0, X0
	VMOVQ X0, DX
	TESTL $0x40, DX
	JEQ done                // begins with a digit
	MOVL DX, BX
	ANDL $const_accountMask, BX
	CMPL BX, $const_accountForm
	JEQ done
	VPEXTRQ $1, X0, BX
	VPMOVMSKB X0, R14       // 0: it is all ASCII
	XORQ R13, DX
	XORQ R15, BX
	MULXQ BX, DX, BX
	XORQ BX, DX
	MOVQ DX, reading_raw(DI)
	MOVL AX, reading_span(DI)
	MOVB $const_Word, reading_kind(DI)
	MOVL DX, BX
	ANDL $(const_missSlots-1), BX
	MOVWLZX (R9)(BX*2), BX
	SHRQ $48, DX
	ORL $1, DX
	XORL AX, AX
	XORL DX, BX             // 0: it is remembered
	CMOVLEQ AX, R14
	TESTL R14, R14
	JNE done
	NEGL BX
	SBBL BX, BX             // -1: it is not
	ANDL $reading__size, BX
	ADDQ BX, DI
	ADDQ $4, SI
	JMP run

done:
	SUBQ borders+0(FP), SI
	SHRQ $2, SI
	MOVQ SI, taken+64(FP)
	MOVQ DI, AX
	SUBQ wait+24(FP), AX
	SHRQ $3, AX             // a reading is three times eight bytes
	MOVL $0xaaaaaaab, CX
	IMULQ CX, AX
	SHRQ $33, AX
	MOVQ AX, waits+72(FP)
	RET
