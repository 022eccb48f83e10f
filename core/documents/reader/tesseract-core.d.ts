/** What is used of tesseract.js-core, which ships no types: tesseract's C++ API through emscripten. */
declare module 'tesseract.js-core/tesseract-core-simd-lstm.js' {
  export interface TessBaseApi {
    Init(dataPath: string | null, languages: string, engineMode: number): number
    SetVariable(name: string, value: string): boolean
    SetImageFile(exifOrientation: number, angle: number): number
    Recognize(monitor: null): number
    GetTSVText(page: number): string
    Clear(): void
    End(): void
  }
  export interface TesseractModule {
    TessBaseAPI: new () => TessBaseApi
    FS: { writeFile(path: string, data: Uint8Array): void, unlink(path: string): void }
  }
  export default function load(options: { TesseractProgress?: (percent: number) => void, print?: (line: string) => void, printErr?: (line: string) => void }): Promise<TesseractModule>
}
