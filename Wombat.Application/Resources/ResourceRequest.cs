namespace Wombat.Application.Resources;

/// <summary>What a create asks for.</summary>
/// <param name="Plugin">The plugin instance; null for the default of the kind.</param>
/// <param name="ExpiresAt">When it is deleted; null for never.</param>
public sealed record ResourceRequest<TSpec>(TSpec Spec, string? Plugin, DateTimeOffset? ExpiresAt)
    where TSpec : class;
