namespace Wombat.Api.Http;

/// <summary>Marks an endpoint whose requests are expensive.</summary>
internal sealed record ExpensiveMetadata;
