namespace Wombat.Infrastructure.Identity;

/// <summary>
/// What is guessed first. Lists of leaked passwords hold few that have twelve characters, and those are made of the same
/// words with digits, repeats and keyboard rows around them; so the words are listed, and what is made of them is recognized.
/// </summary>
internal static class CommonPasswords
{
    private const int OwnCharacters = 6;

    private static readonly string[] EnumQuery =
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

    private static readonly string[] Rows =
    [
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "01234567890123456789",
        "09876543210987654321",
        "zyxwvutsrqponmlkjihgfedcba",
    ];

    public static bool Contains(string password) => Own(password, EnumQuery) < OwnCharacters || IsRepeat(password);

    /// <summary>Whether hardly anything is left of it without <paramref name="word"/>.</summary>
    public static bool IsMostly(string password, string word) =>
        Own(password, word.Split(' ', '.', '-', '_').Where(w => w.Length >= 3)) < OwnCharacters;

    // The characters that are of no word, row or number at either end.
    private static int Own(string password, IEnumerable<string> words)
    {
        var plain = Plain(password);
        foreach (var word in words.Select(Plain).OrderByDescending(w => w.Length))
        {
            plain = plain.Replace(word, "", StringComparison.Ordinal);
        }

        return RunsRemoved(plain).Count(char.IsLetter) + (RunsRemoved(password).Count(c => !char.IsLetterOrDigit(c)) / 2);
    }

    // Steps along the alphabet, a keyboard row or the digits count as nothing.
    private static string RunsRemoved(string text)
    {
        var kept = new List<char>();
        var lower = text.ToLowerInvariant();
        for (var i = 0; i < lower.Length; i++)
        {
            var follows =
                i > 0 && (lower[i] == lower[i - 1] || Rows.Any(r => r.Contains($"{lower[i - 1]}{lower[i]}", StringComparison.Ordinal)));
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
                && size <= OwnCharacters
                && string.Concat(Enumerable.Repeat(password[..size], password.Length / size)) == password
            );

    private static string Plain(string text) =>
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
