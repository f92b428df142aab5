namespace Wombat.Application.Persistence;

/// <summary>Functions of the database for columns of type jsonb.</summary>
public static class JsonColumn
{
    /// <summary>The text of a top-level field of an object stored as JSON, by its JSON name; null if absent.</summary>
    /// <param name="column">A property that is mapped to a jsonb column.</param>
    public static string? Text(object column, string field) =>
        throw new NotSupportedException("This method is translated to SQL and cannot be called.");
}
