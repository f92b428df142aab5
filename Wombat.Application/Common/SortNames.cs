namespace Wombat.Application.Common;

/// <summary>The sort keys of each list, for its validator and its endpoint.</summary>
public static class SortNames
{
    public static readonly string[] Projects = ["created_at", "updated_at", "name", "unix_name"];
    public static readonly string[] Resources = ["created_at", "name"];
    public static readonly string[] Users = ["login", "created_at"];
    public static readonly string[] Members = ["login"];
    public static readonly string[] Identities = ["issuer"];
    public static readonly string[] Events = ["position"];
    public static readonly string[] ByCreatedAt = [CreatedAtPaging.Sort];
}
