;; What one core can do at most in WebAssembly without relaxed SIMD.
(module
  (memory (export "memory") 1)

  ;; 2·4·12·rounds flops: twelve independent chains of multiply and add, enough to fill both pipes.
  (func (export "mul_add") (param $rounds i32) (result f32)
    (local $x v128) (local $y v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $e v128) (local $f v128)
    (local $g v128) (local $h v128) (local $i v128) (local $j v128) (local $k v128) (local $l v128)
    (local.set $x (f32x4.splat (f32.const 0.999)))
    (local.set $y (f32x4.splat (f32.const 0.001)))
    (loop $again
      (local.set $a (f32x4.add (f32x4.mul (local.get $a) (local.get $x)) (local.get $y)))
      (local.set $b (f32x4.add (f32x4.mul (local.get $b) (local.get $x)) (local.get $y)))
      (local.set $c (f32x4.add (f32x4.mul (local.get $c) (local.get $x)) (local.get $y)))
      (local.set $d (f32x4.add (f32x4.mul (local.get $d) (local.get $x)) (local.get $y)))
      (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (local.get $y)))
      (local.set $f (f32x4.add (f32x4.mul (local.get $f) (local.get $x)) (local.get $y)))
      (local.set $g (f32x4.add (f32x4.mul (local.get $g) (local.get $x)) (local.get $y)))
      (local.set $h (f32x4.add (f32x4.mul (local.get $h) (local.get $x)) (local.get $y)))
      (local.set $i (f32x4.add (f32x4.mul (local.get $i) (local.get $x)) (local.get $y)))
      (local.set $j (f32x4.add (f32x4.mul (local.get $j) (local.get $x)) (local.get $y)))
      (local.set $k (f32x4.add (f32x4.mul (local.get $k) (local.get $x)) (local.get $y)))
      (local.set $l (f32x4.add (f32x4.mul (local.get $l) (local.get $x)) (local.get $y)))
      (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (f32x4.extract_lane 0
      (f32x4.add (f32x4.add (f32x4.add (local.get $a) (local.get $b)) (f32x4.add (local.get $c) (local.get $d)))
        (f32x4.add (f32x4.add (f32x4.add (local.get $e) (local.get $f)) (f32x4.add (local.get $g) (local.get $h)))
          (f32x4.add (f32x4.add (local.get $i) (local.get $j)) (f32x4.add (local.get $k) (local.get $l)))))))

  ;; Reads one word of each 64-byte line of the 512-byte rows x[cols[0 … count−1]].
  (func (export "gather_512") (param $x i32) (param $cols i32) (param $count i32) (result i32)
    (local $row i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (local.get $cols) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $row (i32.add (local.get $x) (i32.shl (i32.load (local.get $cols)) (i32.const 9))))
      (local.set $sum (i32.xor (local.get $sum)
        (i32.xor
          (i32.xor
            (i32.xor (i32.load (local.get $row)) (i32.load offset=64 (local.get $row)))
            (i32.xor (i32.load offset=128 (local.get $row)) (i32.load offset=192 (local.get $row))))
          (i32.xor
            (i32.xor (i32.load offset=256 (local.get $row)) (i32.load offset=320 (local.get $row)))
            (i32.xor (i32.load offset=384 (local.get $row)) (i32.load offset=448 (local.get $row)))))))
      (br_if $next (i32.lt_u (local.tee $cols (i32.add (local.get $cols) (i32.const 4))) (local.get $end))))
    (local.get $sum)))
