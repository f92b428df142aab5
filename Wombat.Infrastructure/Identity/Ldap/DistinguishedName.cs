using System.Text;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>The path of an LDAP entry (RFC 4514).</summary>
internal static class DistinguishedName
{
    /// <summary>One spelling of a distinguished name: servers give it back as it was written, with spaces and case at will.</summary>
    public static string Normalize(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name.ToLowerInvariant())
        {
            if (c == ' ' && (result.Length == 0 || result[^1] is ',' or '='))
            {
                continue;
            }

            if (c is ',' or '=')
            {
                while (result.Length > 1 && result[^1] == ' ' && result[^2] != '\\')
                {
                    result.Length--;
                }
            }

            result.Append(c);
        }

        return result.ToString();
    }
}
