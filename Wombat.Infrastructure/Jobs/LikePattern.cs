using System.Text;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Patterns of LIKE and ILIKE.</summary>
internal static class LikePattern
{
    /// <summary>
    /// Matches at least what contains the text. What is not ASCII may be anything: whether it differs in case only is not known to every
    /// database.
    /// </summary>
    public static string Containing(string text)
    {
        var pattern = new StringBuilder("%");
        foreach (var one in text)
        {
            pattern.Append(
                !char.IsAscii(one) ? "%"
                : one is '%' or '_' or '\\' ? $"\\{one}"
                : $"{one}"
            );
        }

        return pattern.Append('%').ToString();
    }
}
