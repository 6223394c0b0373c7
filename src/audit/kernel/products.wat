;; Inner products of rows of floats, 2 x 4 rows at once, 4 numbers of each at a time.
;; Counts of rows are padded to multiples of 2 and 4, and the bytes of a row to a multiple of 16.
;; products.ts lays the rows out; `npm run kernel` writes bytes.ts from this file.
(module
  (memory (export "memory") 1)

  ;; The four lanes of a vector, added up.
  (func $sum (param $v v128) (result f32)
    (f32.add
      (f32.add
        (f32x4.extract_lane 0 (local.get $v))
        (f32x4.extract_lane 1 (local.get $v)))
      (f32.add
        (f32x4.extract_lane 2 (local.get $v))
        (f32x4.extract_lane 3 (local.get $v)))))

  ;; $a, $b: where the rows begin; $aEnd, $bEnd: where they end; $row: bytes of a row;
  ;; $out: where the products go, all with the first row of a first; $outRow: bytes of these.
  (func (export "products")
    (param $a i32) (param $aEnd i32) (param $b i32) (param $bEnd i32)
    (param $row i32) (param $out i32) (param $outRow i32)
    (local $j i32) (local $to i32) (local $d i32)
    (local $p i32) (local $q i32) (local $x v128) (local $y v128) (local $z v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)
    (block $rowsDone
      (loop $rows
        (br_if $rowsDone (i32.ge_u (local.get $a) (local.get $aEnd)))
        (local.set $j (local.get $b))
        (local.set $to (local.get $out))
        (block $columnsDone
          (loop $columns
            (br_if $columnsDone (i32.ge_u (local.get $j) (local.get $bEnd)))
            (local.set $a0 (v128.const f32x4 0 0 0 0))
            (local.set $a1 (v128.const f32x4 0 0 0 0))
            (local.set $a2 (v128.const f32x4 0 0 0 0))
            (local.set $a3 (v128.const f32x4 0 0 0 0))
            (local.set $b0 (v128.const f32x4 0 0 0 0))
            (local.set $b1 (v128.const f32x4 0 0 0 0))
            (local.set $b2 (v128.const f32x4 0 0 0 0))
            (local.set $b3 (v128.const f32x4 0 0 0 0))
            (local.set $d (i32.const 0))
            (loop $numbers
              (local.set $p (i32.add (local.get $a) (local.get $d)))
              (local.set $q (i32.add (local.get $j) (local.get $d)))
              (local.set $x (v128.load (local.get $p)))
              (local.set $y (v128.load (i32.add (local.get $p) (local.get $row))))
              (local.set $z (v128.load (local.get $q)))
              (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $x) (local.get $z))))
              (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $y) (local.get $z))))
              (local.set $q (i32.add (local.get $q) (local.get $row)))
              (local.set $z (v128.load (local.get $q)))
              (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $x) (local.get $z))))
              (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $y) (local.get $z))))
              (local.set $q (i32.add (local.get $q) (local.get $row)))
              (local.set $z (v128.load (local.get $q)))
              (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $x) (local.get $z))))
              (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $y) (local.get $z))))
              (local.set $q (i32.add (local.get $q) (local.get $row)))
              (local.set $z (v128.load (local.get $q)))
              (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $x) (local.get $z))))
              (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $y) (local.get $z))))
              (br_if $numbers
                (i32.lt_u
                  (local.tee $d (i32.add (local.get $d) (i32.const 16)))
                  (local.get $row))))
            (f32.store (local.get $to) (call $sum (local.get $a0)))
            (f32.store offset=4 (local.get $to) (call $sum (local.get $a1)))
            (f32.store offset=8 (local.get $to) (call $sum (local.get $a2)))
            (f32.store offset=12 (local.get $to) (call $sum (local.get $a3)))
            (local.set $p (i32.add (local.get $to) (local.get $outRow)))
            (f32.store (local.get $p) (call $sum (local.get $b0)))
            (f32.store offset=4 (local.get $p) (call $sum (local.get $b1)))
            (f32.store offset=8 (local.get $p) (call $sum (local.get $b2)))
            (f32.store offset=12 (local.get $p) (call $sum (local.get $b3)))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (local.set $j (i32.add (local.get $j) (i32.shl (local.get $row) (i32.const 2))))
            (br $columns)))
        (local.set $a (i32.add (local.get $a) (i32.shl (local.get $row) (i32.const 1))))
        (local.set $out (i32.add (local.get $out) (i32.shl (local.get $outRow) (i32.const 1))))
        (br $rows)))))
