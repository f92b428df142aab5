namespace Wombat.Api.Endpoints;

/// <summary>Which changes made outside Wombat are adopted.</summary>
internal sealed class AdoptDatabaseBody
{
    /// <summary>Fields of drift; all when absent.</summary>
    /// <example>["settings.work_mem"]</example>
    public string[]? Fields { get; init; }
}
