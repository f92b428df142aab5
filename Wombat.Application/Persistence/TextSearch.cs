namespace Wombat.Application.Persistence;

/// <summary>Database functions for text search.</summary>
public static class TextSearch
{
    /// <summary>
    /// Whether the text contains the term, ignoring case. PostgreSQL folds case by Unicode rules independent of the server's locale, and
    /// uses an index for terms of three or more characters.
    /// </summary>
    public static bool Matches(string text, string term) =>
        throw new NotSupportedException("This method is translated to SQL and cannot be called.");
}
