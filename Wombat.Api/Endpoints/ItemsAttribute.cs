namespace Wombat.Api.Endpoints;

/// <summary>What each text of a list must look like, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ItemsAttribute(string? pattern = null) : Attribute
{
    public string? Pattern => pattern;

    public int MaxLength { get; init; }
}
