//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "words_amd64.h"

// Of each of four times sixteen bytes how many are before it, times sixteen.
DATA depths<>+0(SB)/8, $0x7060504030201000
DATA depths<>+8(SB)/8, $0xf0e0d0c0b0a09080
DATA depths<>+16(SB)/8, $0x7060504030201000
DATA depths<>+24(SB)/8, $0xf0e0d0c0b0a09080
DATA depths<>+32(SB)/8, $0x7060504030201000
DATA depths<>+40(SB)/8, $0xf0e0d0c0b0a09080
DATA depths<>+48(SB)/8, $0x7060504030201000
DATA depths<>+56(SB)/8, $0xf0e0d0c0b0a09080
GLOBL depths<>(SB), RODATA|NOPTR, $64

// Of each of them where the lowest byte of its fourth of sixteen bytes is.
DATA quarters<>+0(SB)/8, $0x0000000000000000
DATA quarters<>+8(SB)/8, $0x0000000000000000
DATA quarters<>+16(SB)/8, $0x0404040404040404
DATA quarters<>+24(SB)/8, $0x0404040404040404
DATA quarters<>+32(SB)/8, $0x0808080808080808
DATA quarters<>+40(SB)/8, $0x0808080808080808
DATA quarters<>+48(SB)/8, $0x0c0c0c0c0c0c0c0c
DATA quarters<>+56(SB)/8, $0x0c0c0c0c0c0c0c0c
GLOBL quarters<>(SB), RODATA|NOPTR, $64

// HASHED writes the hash of sixteen bytes with the key. What is remembered of it lies in the second cache mostly: to have it fetched
// from there takes longer than to wait for it.
#define HASHED(N) \
	MOVQ (16*N)(R14), DX \
	MULXQ (16*N+8)(R14), DX, BX \
	XORQ BX, DX \
	ORQ $1, DX \
	MOVQ DX, (8*N)(R10)(CX*8)

// func words512(borders *byte, runs int, text *byte, raws *uint64, spans *span, wait *reading, dates int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64, room *wordRoom) (taken, waits, beyond int)
//
// Of words of less than sixteen bytes four are taken at once, of others one. In registers: SI the borders, R8 the text, and then how many runs were taken, DI and R12 the readings, R9 what is remembered,
// R11 the masks, and then what else readings have, X12 the key, X9 what is in the words, R10 the room, CX which of the runs it is, R13 how many of them may be words,
// R14 which are not remembered.
TEXT ·words512(SB), NOSPLIT, $128-112
	MOVQ borders+0(FP), SI
	MOVQ runs+8(FP), R13
	MOVQ room+80(FP), R10
	VPCMPEQD Y11, Y11, Y11
	VPSRLD $16, Y11, Y11
	VPXOR Y10, Y10, Y10
	VPXOR X9, X9, X9
	XORL CX, CX

eight:
	VMOVDQU (SI)(CX*4), Y2
	VPAND Y11, Y2, Y3
	VPSRLD $16, Y2, Y4
	VPSUBD Y3, Y4, Y4
	VPSRLD $5, Y4, Y5       // 0: neither very long, nor firm, nor put aside
	VPCMPEQD Y10, Y5, Y5
	VPSLLD $4, Y4, Y4
	VMOVDQU Y3, wordRoom_at(R10)(CX*4)
	VMOVDQU Y4, wordRoom_sizes(R10)(CX*4)
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
	TESTQ R13, R13
	JEQ hashed
	MOVQ text+16(FP), R8
	MOVQ misses+56(FP), R9
	MOVQ key+64(FP), AX
	VBROADCASTI32X4 (AX), Z12
	MOVQ masks+72(FP), R11
	MOVL $0x20202020, AX
	VPBROADCASTD AX, Z14
	VMOVDQU64 depths<>(SB), Z16
	VMOVDQU64 quarters<>(SB), Z17
	MOVL $~0xff, AX
	VPBROADCASTD AX, X18
	VPXORQ Z19, Z19, Z19
	LEAQ some-128(SP), R14
	ADDQ $63, R14
	ANDQ $~63, R14
	MOVL $(64-const_slotBits), R15
	SUBQ $4, R13
	JLT few
	PCALIGN $64

four:
	VMOVDQU wordRoom_sizes(R10)(CX*4), X0
	VPTESTMD X18, X0, K1    // which are long
	KTESTB K1, K1
	JNZ few
	MOVL wordRoom_at(R10)(CX*4), AX
	MOVL (wordRoom_at+4)(R10)(CX*4), BX
	VMOVDQU (R8)(AX*1), X1
	VINSERTI32X4 $1, (R8)(BX*1), Z1, Z1
	MOVL (wordRoom_at+8)(R10)(CX*4), AX
	MOVL (wordRoom_at+12)(R10)(CX*4), BX
	VINSERTI32X4 $2, (R8)(AX*1), Z1, Z1
	VINSERTI32X4 $3, (R8)(BX*1), Z1, Z1
	VPERMB Z0, Z17, Z0
	VPCMPUB $6, Z16, Z0, K1 // which bytes are of the words
	VPSHUFB Z1, Z14, Z2
	VPORQ Z2, Z1, Z1
	VMOVDQU8.Z Z1, K1, Z1
	VPORQ Z1, Z19, Z19
	VPXORQ Z12, Z1, Z1
	VMOVDQU64 Z1, (R14)
	HASHED(0)
	HASHED(1)
	HASHED(2)
	HASHED(3)
	ADDQ $4, CX
	CMPQ CX, R13
	JLE four

few:                         // or what is long
	ADDQ $4, R13
	CMPQ CX, R13
	JAE ended
	PCALIGN $32

run:
	MOVL wordRoom_at(R10)(CX*4), BX
	MOVL wordRoom_sizes(R10)(CX*4), AX
	SMALL(0)
	CMPL AX, $(const_wordBlock*16)
	JAE long
	VPAND (R11)(AX*1), X0, X0
	VPOR X0, X9, X9
	VPXOR X12, X0, X1
	HASH
	MOVQ DX, (R10)(CX*8)
	INCQ CX
	SHRXQ R15, DX, BX
	PREFETCHT0 (R9)(BX*2)
	CMPQ CX, R13
	JB again
	JMP ended

long: // it is passed over if it is remembered
	VPXOR X12, X0, X1
	SMALL(16)
	VPAND (-const_wordBlock*16)(R11)(AX*1), X0, X0
	HASH
	VMOVQ DX, X1
	VPXOR X1, X0, X0
	VPXOR X12, X0, X1
	HASH
	MOVQ DX, (R10)(CX*8)
	SHRXQ R15, DX, BX
	CMPW (R9)(BX*2), DX
	JNE ended
	INCQ CX
	CMPQ CX, R13
	JAE ended

again:
	SUBQ $4, R13
	CMPQ CX, R13
	JLE four
	JMP few

ended:
	VEXTRACTI64X4 $1, Z19, Y0
	VPORQ Y0, Y19, Y0
	VEXTRACTI128 $1, Y0, X1
	VPOR X1, X0, X0
	VPOR X0, X9, X9

hashed: // which of 64 runs are not remembered is told first, and their readings are written then
	MOVQ CX, R8
	MOVQ CX, R13            // those left
	MOVQ raws+24(FP), DI
	MOVQ spans+32(FP), R12
	MOVQ wait+40(FP), R11
	MOVQ dates+48(FP), AX
	VMOVQ AX, X1            // what a word has besides
	TESTQ R13, R13
	JEQ done

some:
	MOVL $64, CX
	CMPQ R13, CX
	CMOVQLT R13, CX
	XORL R14, R14
	TESTL $1, CX
	JEQ look
	LOOK(-8)
	DECQ CX
	JEQ looked
	PCALIGN $32

look:
	LOOK(-8)
	LOOK(-16)
	SUBQ $2, CX
	JNE look

looked:
	TESTQ R14, R14
	JEQ none

fresh:
	BSFQ R14, AX
	BLSRQ R14, R14
	MOVQ (R10)(AX*8), DX
	MOVL (SI)(AX*4), BX
	MOVQ DX, (DI)
	MOVL BX, (R12)
	VMOVDQU X1, (R11)
	ADDQ $8, DI
	ADDQ $const_readingBytes, R11
	ADDQ $4, R12
	TESTQ R14, R14
	JNE fresh

none:
	ADDQ $(64*8), R10
	ADDQ $(64*4), SI
	SUBQ $64, R13
	JGT some

done:
	VPMOVMSKB X9, AX
	VZEROUPPER
	SUBQ raws+24(FP), DI
	SHRQ $3, DI
	MOVQ R8, taken+88(FP)
	MOVQ DI, waits+96(FP)
	MOVQ AX, beyond+104(FP)
	RET
