using System.Text;

namespace Wombat.Application.Commands;

/// <summary>Splits a line of an OpenSSH client configuration, as ssh does.</summary>
internal static class SshConfigWords
{
    /// <returns>The keyword and its arguments; empty for a comment; null if a quotation mark is not closed.</returns>
    public static List<string>? Split(string line)
    {
        // An equals sign may follow the keyword.
        var rest = line.Trim();
        var end = rest.AsSpan().IndexOfAny(" \t=\"");
        if (rest.Length == 0 || rest[0] == '#')
        {
            return [];
        }

        if (end < 0)
        {
            return [rest];
        }

        var arguments = rest[end..].TrimStart();
        return Arguments(arguments.StartsWith('=') ? arguments[1..] : arguments) is { } words ? [rest[..end], .. words] : null;
    }

    private static List<string>? Arguments(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length; )
        {
            if (text[i] is ' ' or '\t')
            {
                i++;
                continue;
            }

            if (text[i] == '#')
            {
                break;
            }

            if (Word(text, ref i) is not { } word)
            {
                return null;
            }

            words.Add(word);
        }

        return words;
    }

    private static string? Word(string text, ref int i)
    {
        var (word, quote) = (new StringBuilder(), '\0');
        for (; i < text.Length && (quote != '\0' || text[i] is not (' ' or '\t')); i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && (text[i + 1] is '\'' or '"' or '\\' || quote == '\0' && text[i + 1] == ' '))
            {
                word.Append(text[++i]);
            }
            else if (quote == '\0' && text[i] is '\'' or '"')
            {
                quote = text[i];
            }
            else if (quote != '\0' && text[i] == quote)
            {
                quote = '\0';
            }
            else
            {
                word.Append(text[i]);
            }
        }

        return quote == '\0' ? word.ToString() : null;
    }
}
