import java.time.Duration;
import java.util.Collections;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** Consumers of Kafka's own client, a thread each: every line of standard input is group, topic, protocol, commit, way. */
public class SetUps {
    static final long FAILS_AT = 5;

    /** Reads text that is UTF-8, and fails as an application's deserializer does. */
    public static class Text implements Deserializer<String> {
        public String deserialize(String topic, byte[] data) {
            try {
                return data == null ? null
                    : java.nio.charset.StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(data)).toString();
            } catch (java.nio.charset.CharacterCodingException bad) {
                throw new SerializationException("not UTF-8", bad);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        java.io.BufferedReader lines = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
        String line;
        while ((line = lines.readLine()) != null) {
            String[] words = line.split(" ");
            Thread thread = new Thread(() -> consume(arguments[0], words));
            thread.setDaemon(true);
            thread.start();
        }
    }

    static void consume(String bootstrap, String[] words) {
        boolean auto = words[3].equals("auto");
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("group.id", words[0]);
        settings.put("group.protocol", words[2]);
        settings.put("enable.auto.commit", String.valueOf(auto));
        settings.put("auto.commit.interval.ms", "1000");
        settings.put("auto.offset.reset", "earliest");
        settings.put("isolation.level", "read_committed");
        settings.put("max.poll.records", "10");
        try (KafkaConsumer<byte[], String> consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new Text())) {
            consumer.subscribe(Collections.singletonList(words[1]));
            while (true) {
                try {
                    ConsumerRecords<byte[], String> records = consumer.poll(Duration.ofMillis(200));
                    if (words[4].equals("processing")) fail(consumer, records);
                    if (!auto && !records.isEmpty()) consumer.commitSync();
                } catch (RecordDeserializationException poison) {
                    pause(200);
                }
            }
        }
    }

    /** Processing fails on a good record: the application goes back to it. */
    static void fail(KafkaConsumer<byte[], String> consumer, ConsumerRecords<byte[], String> records) {
        for (ConsumerRecord<byte[], String> record : records) {
            if (record.offset() >= FAILS_AT) {
                consumer.seek(new TopicPartition(record.topic(), record.partition()), FAILS_AT);
                pause(200);
                return;
            }
        }
    }

    static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
