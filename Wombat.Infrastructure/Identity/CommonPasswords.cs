namespace Wombat.Infrastructure.Identity;

/// <summary>
/// Recognizes common passwords. Leaked passwords of twelve or more characters mostly consist of a few common words with digits,
/// repetitions and keyboard rows, so the words are listed and removed from a password; what remains is counted.
/// </summary>
internal static class CommonPasswords
{
    private const int MinUniqueCharacters = 6;

    private static readonly string[] CommonWords =
    [
        "password",
        "passwort",
        "motdepasse",
        "contrasena",
        "passphrase",
        "passw0rd",
        "qwertyuiop",
        "qwertzuiop",
        "azertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "qwerty",
        "qwertz",
        "azerty",
        "asdf",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y",
        "zaq12wsx",
        "letmein",
        "welcome",
        "iloveyou",
        "administrator",
        "admin",
        "root",
        "superuser",
        "changeme",
        "default",
        "secret",
        "login",
        "master",
        "monkey",
        "dragon",
        "football",
        "baseball",
        "basketball",
        "superman",
        "batman",
        "starwars",
        "pokemon",
        "sunshine",
        "princess",
        "butterfly",
        "chocolate",
        "computer",
        "internet",
        "summer",
        "winter",
        "spring",
        "autumn",
        "january",
        "february",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "friday",
        "michael",
        "jennifer",
        "jessica",
        "charlie",
        "liverpool",
        "chelsea",
        "arsenal",
        "barcelona",
        "juventus",
        "test",
        "testing",
        "guest",
        "user",
        "access",
        "trustno",
        "whatever",
        "freedom",
        "hello",
        "goodbye",
        "hunter",
        "shadow",
        "killer",
        "mustang",
        "corvette",
        "ferrari",
        "mercedes",
        "samsung",
        "google",
        "facebook",
        "linkedin",
        "microsoft",
        "windows",
        "linux",
        "ubuntu",
        "debian",
        "postgres",
        "database",
        "server",
        "company",
        "example",
        "temporary",
        "temp",
        "correcthorsebatterystaple",
        "correct",
        "horse",
        "battery",
        "staple",
        "abcdefghijklmnopqrstuvwxyz",
        "abc",
        "wombat",
        "platform",
        "project",
        "abcd",
        "qwer",
        "love",
        "god",
        "sex",
        "lol",
    ];

    private static readonly string[] Sequences =
    [
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "01234567890123456789",
        "09876543210987654321",
        "zyxwvutsrqponmlkjihgfedcba",
    ];

    public static bool Contains(string password) =>
        CountUniqueCharacters(password, CommonWords) < MinUniqueCharacters || IsRepeat(password);

    /// <summary>Whether the password consists mostly of <paramref name="word"/>.</summary>
    public static bool IsMostly(string password, string word) =>
        CountUniqueCharacters(password, word.Split(' ', '.', '-', '_').Where(w => w.Length >= 3)) < MinUniqueCharacters;

    // Counts the characters that belong to no word and no sequence. Symbols count half, digits not at all.
    private static int CountUniqueCharacters(string password, IEnumerable<string> words)
    {
        var rest = Normalize(password);
        foreach (var word in words.Select(Normalize).OrderByDescending(w => w.Length))
        {
            rest = rest.Replace(word, "", StringComparison.Ordinal);
        }

        return RemoveSequences(rest).Count(char.IsLetter) + (RemoveSequences(password).Count(c => !char.IsLetterOrDigit(c)) / 2);
    }

    // Removes repeated characters and steps along the alphabet, a keyboard row or the digits.
    private static string RemoveSequences(string text)
    {
        var kept = new List<char>();
        var lower = text.ToLowerInvariant();
        for (var i = 0; i < lower.Length; i++)
        {
            var follows =
                i > 0
                && (lower[i] == lower[i - 1] || Sequences.Any(r => r.Contains($"{lower[i - 1]}{lower[i]}", StringComparison.Ordinal)));
            if (!follows)
            {
                kept.Add(lower[i]);
            }
        }

        return new string([.. kept]);
    }

    private static bool IsRepeat(string password) =>
        Enumerable
            .Range(1, password.Length / 2)
            .Any(size =>
                password.Length % size == 0
                && size <= MinUniqueCharacters
                && string.Concat(Enumerable.Repeat(password[..size], password.Length / size)) == password
            );

    private static string Normalize(string text) =>
        string.Concat(
            text.ToLowerInvariant()
                .Select(c =>
                    c switch
                    {
                        '0' => 'o',
                        '1' => 'i',
                        '3' => 'e',
                        '4' => 'a',
                        '@' => 'a',
                        '5' => 's',
                        '$' => 's',
                        '7' => 't',
                        '!' => 'i',
                        _ => c,
                    }
                )
        );
}
