namespace Wombat.Infrastructure.Secrets;

/// <summary>The places of encrypted values, by table and column.</summary>
internal static class Purposes
{
    public const string ProviderTokens = "sessions.provider_tokens";
    public const string DataProtection = "data_protection_keys.xml";
}
