using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace Wombat.Infrastructure.Secrets;

/// <summary>The framework's DataProtection keys, sealed, in PostgreSQL: what one replica protects, every other reads, also after a restart.</summary>
public sealed class ProtectionKeys(NpgsqlDataSource database, SecretBox box) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = database.CreateCommand("select xml from data_protection_keys");
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
        {
            elements.Add(XElement.Parse(Encoding.UTF8.GetString(box.Open(Purposes.DataProtection, reader.GetFieldValue<byte[]>(0)))));
        }

        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = database.CreateCommand("insert into data_protection_keys (name, xml) values ($1, $2) on conflict (name) do update set xml = excluded.xml");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = friendlyName });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = box.Seal(Purposes.DataProtection, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting))) });
        command.ExecuteNonQuery();
    }
}
