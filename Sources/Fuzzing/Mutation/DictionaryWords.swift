/// Puts a word that the user gave into the input.
enum ManualDictionary {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard !context.manualDictionary.isEmpty else { return false }
        let word = context.manualDictionary[context.random.below(context.manualDictionary.count)]
        return WordPlacement.place(word, positions: [], in: &input, &context)
    }
}

/// Puts a word that led to new coverage before into the input.
enum PersistentAutoDictionaryWord {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard !context.persistentDictionary.words.isEmpty else { return false }
        let words = context.persistentDictionary.words
        let word = words[context.random.below(words.count)]
        return WordPlacement.place(word, positions: [], in: &input, &context)
    }
}

/// Inserts a word or writes it over what is there.
enum WordPlacement {
    /// `positions` are places where the word would replace bytes that the target compared; tried half of the
    /// time.
    static func place(
        _ word: [UInt8], positions: [Int], in input: inout [UInt8], _ context: inout MutationContext
    ) -> Bool {
        let hint: Int? =
            positions.isEmpty || context.random.coin()
            ? nil : positions[context.random.below(positions.count)]
        // What was compared is a field: most of the time the word takes its place.
        let inserts = hint == nil ? context.random.coin() : context.random.below(4) == 0
        if inserts {
            guard input.count + word.count <= context.maxSizeBytes else { return false }
            let position = min(hint ?? context.random.below(input.count + 1), input.count)
            input.insert(contentsOf: word, at: position)
        } else {
            guard word.count <= input.count else { return false }
            let last = input.count - word.count
            let position = min(hint ?? context.random.below(last + 1), last)
            for index in word.indices { input[position + index] = word[index] }
        }
        context.usedWords.append(word)
        return true
    }
}
