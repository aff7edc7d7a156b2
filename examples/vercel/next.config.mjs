// The model goes with the function that reads it.
export default { outputFileTracingIncludes: { '/api/[...path]': ['./public/model.safetensors'] } };
