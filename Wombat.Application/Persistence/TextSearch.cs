namespace Wombat.Application.Persistence;

/// <summary>Functions of the database for searching names.</summary>
public static class TextSearch
{
    /// <summary>
    /// Whether the text holds the term, in any case and any script. PostgreSQL folds both by Unicode's rules, whatever the
    /// locale of the server, and finds terms of three characters and more by an index.
    /// </summary>
    public static bool Matches(string text, string term) => throw new NotSupportedException("Only the database calls this.");
}
