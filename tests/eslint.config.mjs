// Rules for the page's scripts: plain browser JavaScript, no modules, no markup from strings.
export default [
  {
    files: ["**/*.js"],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "script",
      globals: {
        window: "readonly", document: "readonly", URL: "readonly", URLSearchParams: "readonly", Blob: "readonly",
        Intl: "readonly", XMLSerializer: "readonly", Image: "readonly", TextEncoder: "readonly", Node: "readonly",
      },
    },
    rules: {
      "no-undef": "error", "no-unused-vars": "error", "prefer-const": "error", "no-var": "error", eqeqeq: "error",
      strict: ["error", "function"], "no-eval": "error", "no-implied-eval": "error", "no-new-func": "error",
      "no-shadow": "error", "consistent-return": "error", "no-unreachable": "error", "no-redeclare": "error",
      complexity: ["error", 14], "max-lines": ["error", 260], "max-len": ["error", { code: 140 }],
      "no-restricted-properties": ["error",
        { property: "innerHTML", message: "Set textContent: names and streets are not to be trusted." },
        { property: "outerHTML", message: "Set textContent." },
        { property: "insertAdjacentHTML", message: "Append elements." },
      ],
    },
  },
];
